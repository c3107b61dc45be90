package oauth

import (
	"slices"
	"sync"
	"time"
)

// shelf keeps values for a while. When it is full it forgets the oldest, so a flood costs no memory.
type shelf[T any] struct {
	limit    int
	lifetime time.Duration // zero means for ever
	now      func() time.Time

	mu    sync.Mutex
	items map[string]shelved[T]
	order []string // the keys of items, oldest first
}

type shelved[T any] struct {
	value T
	since time.Time
}

func newShelf[T any](limit int, lifetime time.Duration, now func() time.Time) *shelf[T] {
	return &shelf[T]{limit: limit, lifetime: lifetime, now: now, items: map[string]shelved[T]{}}
}

// put keeps a value under a key that is new, or makes it the newest one.
func (s *shelf[T]) put(key string, value T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key)
	s.order = append(s.order, key)
	s.items[key] = shelved[T]{value: value, since: s.now()}
	if len(s.order) > s.limit {
		s.remove(s.order[0])
	}
}

func (s *shelf[T]) get(key string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live(key)
}

// take is get for values that may be had only once.
func (s *shelf[T]) take(key string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, found := s.live(key)
	s.remove(key)
	return value, found
}

// update replaces the value under a key with what change makes of it, without making it newer. It reports
// whether there was one. Nobody else sees the value in between.
func (s *shelf[T]) update(key string, change func(*T)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, found := s.live(key)
	if !found {
		return false
	}
	change(&value)
	s.items[key] = shelved[T]{value: value, since: s.items[key].since}
	return true
}

// all returns the values, oldest first.
func (s *shelf[T]) all() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := make([]T, 0, len(s.order))
	for _, key := range s.order {
		if value, found := s.live(key); found {
			values = append(values, value)
		}
	}
	return values
}

func (s *shelf[T]) live(key string) (value T, found bool) {
	item, found := s.items[key]
	if !found || s.lifetime > 0 && s.now().Sub(item.since) >= s.lifetime {
		return value, false
	}
	return item.value, true
}

func (s *shelf[T]) remove(key string) {
	if _, found := s.items[key]; !found {
		return
	}
	delete(s.items, key)
	i := slices.Index(s.order, key)
	s.order = slices.Delete(s.order, i, i+1)
}
