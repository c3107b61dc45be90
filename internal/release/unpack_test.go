package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// An entry is a file in an archive.
type entry struct {
	content  []byte
	mode     os.FileMode
	modified time.Time
}

// unpack returns the files of a zip or tar.gz archive by name.
func unpack(t *testing.T, name string, archive []byte) map[string]entry {
	t.Helper()
	read := untar
	if strings.HasSuffix(name, ".zip") {
		read = unzip
	}
	entries, err := read(archive)
	if err != nil {
		t.Fatalf("reading %s: %v", name, err)
	}
	return entries
}

func unzip(archive []byte) (map[string]entry, error) {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	entries := map[string]entry{}
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer content.Close()
		all, err := io.ReadAll(content)
		if err != nil {
			return nil, err
		}
		entries[f.Name] = entry{all, f.Mode(), f.Modified}
	}
	return entries, nil
}

func untar(archive []byte) (map[string]entry, error) {
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	r := tar.NewReader(plain)
	entries := map[string]entry{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		all, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		entries[h.Name] = entry{all, h.FileInfo().Mode(), h.ModTime}
	}
}
