package apply

import (
	"os"
	"path"
	"slices"
)

// Recover undoes a Modify of dir that was interrupted, if there is one, and says whether there was. It can itself be
// killed and called again. A file that holds neither its original nor the bytes that the interrupted run wrote was
// changed by someone since: then nothing is undone, and the originals stay in the target's .mcpauth-journal.
//
// A journal whose process lives is refused as [Busy], except this process's own: the identifier may come round
// again. Recover must therefore not be called while this process runs a Modify of the same directory.
//
// The error is a [Refused] or [Failed].
func Recover(dir string) (recovered bool, err error) {
	return machine().recover(dir)
}

func (s system) recover(dir string) (bool, error) {
	at, err := locate(dir)
	if err != nil || at.info == nil {
		return false, outcome("recovering "+dir, err, nil)
	}
	root, err := os.OpenRoot(at.path)
	if err != nil {
		return false, outcome("recovering "+dir, err, nil)
	}
	defer root.Close()
	f := files{root, s}
	f.sweep(scratchStem)
	j, err := loadJournal(f)
	if err == nil && j != nil && j.Process != s.pid && s.alive(j.Process) {
		err = &Refused{Path: dir, Reason: Busy}
	}
	if err != nil || j == nil {
		return false, outcome("recovering "+dir, err, nil)
	}
	if err := j.undo(f); err != nil {
		return false, outcome("recovering "+dir, err, nil)
	}
	return true, nil
}

// addDirs records the directories on the way to dir that are missing.
func (j *journal) addDirs(root *os.Root, dir string) error {
	if dir == "." || slices.Contains(j.Dirs, dir) {
		return nil
	}
	if err := j.addDirs(root, path.Dir(dir)); err != nil {
		return err
	}
	info, err := lstat(root, dir)
	if err == nil && info == nil {
		j.Dirs = append(j.Dirs, dir)
	}
	return err
}

// undo puts back what the journal says and removes the journal.
func (j *journal) undo(f files) error {
	changed := j.Entries[:j.changed]
	for _, e := range changed {
		if err := e.checkUndo(f.root); err != nil {
			return err
		}
	}
	for _, e := range j.Entries {
		if err := f.removeTemp(e.Temp); err != nil {
			return err
		}
	}
	for _, e := range slices.Backward(changed) {
		if err := e.undo(f); err != nil {
			return err
		}
	}
	for _, dir := range slices.Backward(j.Dirs) {
		if err := f.removeDir(dir); err != nil {
			return err
		}
	}
	name, err := retire(f)
	if err != nil {
		return err
	}
	return f.removeAll(name)
}

// checkUndo refuses when undoing the entry would lose bytes that are neither its original nor its new ones.
func (e entry) checkUndo(root *os.Root) error {
	now, err := snap(root, e.Path)
	if err != nil || now == nil {
		return err
	}
	digest := now.digest().String()
	if digest == e.New || e.Original != nil && digest == e.Original.Digest {
		return nil
	}
	return &Refused{Path: e.Path, Reason: Changed}
}

func (e entry) undo(f files) error {
	if e.Original == nil {
		return f.remove(e.Path)
	}
	now, err := snap(f.root, e.Path)
	if err != nil {
		return err
	}
	if now != nil && now.digest().String() == e.Original.Digest && now.hasMode(e.Original.Mode) {
		return nil
	}
	b, err := e.Original.content(f.root)
	if err != nil {
		return err
	}
	err = f.write(e.Temp, content{bytes: b, mode: e.Original.Mode, durable: true})
	if err != nil {
		return err
	}
	return f.rename(e.Temp, e.Path)
}
