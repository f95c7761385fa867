// compare.go - many random scripts, each run on Go's map and by another program, line by line.

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

type comparison struct {
	command   []string // reads a script, prints a trace
	directory string   // where a difference is left
	random    *uint64
	seen      coverage
	lines     uint64
	bytes     uint64
}

// traces runs a script on both sides. The error is that of the other program, with what it said.
func (c *comparison) traces(script []string) (goes, theirs []byte, err error) {
	m := newMachine(c.random)
	if err := m.run(script); err != nil {
		return nil, nil, fmt.Errorf("the script is wrong: %w", err)
	}
	c.seen.add(&m.seen)
	limit, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(limit, c.command[0], c.command[1:]...)
	command.Stdin = strings.NewReader(strings.Join(script, "\n") + "\n")
	var said bytes.Buffer
	command.Stderr = &said
	theirs, err = command.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	return m.out, theirs, err
}

// script i of a run has this seed; it is what a report names.
func scriptSeed(seed uint64, i int) uint64 { return splitmix(seed ^ splitmix(uint64(i))) }

func (c *comparison) run(scripts int, seed uint64) error {
	for i := 0; i < scripts; i++ {
		of := scriptSeed(seed, i)
		script := generate(of)
		goes, theirs, err := c.traces(script)
		if err != nil || !bytes.Equal(goes, theirs) {
			return c.report(of, script, goes, theirs, err)
		}
		c.lines += uint64(bytes.Count(goes, []byte("\n")))
		c.bytes += uint64(len(goes))
		runtime.GC()
	}
	return nil
}

// ---- a difference

func (c *comparison) report(seed uint64, script []string, goes, theirs []byte, err error) error {
	path := filepath.Join(c.directory, fmt.Sprintf("conformance-%016x", seed))
	if failed := os.MkdirAll(c.directory, 0o777); failed != nil {
		return failed
	}
	small := c.shrink(script)
	for _, file := range []struct {
		name string
		text []byte
	}{
		{".txt", []byte(strings.Join(script, "\n") + "\n")},
		{".small.txt", []byte(strings.Join(small, "\n") + "\n")},
		{".go.jsonl", goes},
		{".ours.jsonl", theirs},
	} {
		if failed := os.WriteFile(path+file.name, file.text, 0o666); failed != nil {
			return failed
		}
	}
	text := fmt.Sprintf("script of seed 0x%016x differs\n", seed)
	if err != nil {
		text += fmt.Sprintf("  %s: %v\n", c.command[0], err)
	}
	number, ofGo, ofOurs := firstDifference(goes, theirs)
	text += fmt.Sprintf("  line %d of the traces\n  go    %s\n  ours  %s\n", number, ofGo, ofOurs)
	text += fmt.Sprintf("  both traces and the script: %s.*\n", path)
	text += fmt.Sprintf("  a script of %d lines that differs too: %s.small.txt", len(small), path)
	return fmt.Errorf("%s", text)
}

func firstDifference(goes, theirs []byte) (number int, ofGo, ofOurs string) {
	a, b := strings.Split(string(goes), "\n"), strings.Split(string(theirs), "\n")
	for number < len(a) && number < len(b) && a[number] == b[number] {
		number++
	}
	line := func(lines []string) string {
		if number < len(lines) {
			return lines[number]
		}
		return "(nothing)"
	}
	return number + 1, line(a), line(b)
}

// shrink takes lines away while the traces still differ: runs of them first, single ones at last.
func (c *comparison) shrink(script []string) []string {
	for size := len(script) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(script); {
			shorter := append(append([]string{}, script[:at]...), script[at+size:]...)
			if c.differs(shorter) {
				script = shorter
			} else {
				at += size
			}
		}
	}
	return script
}

// A script that no longer makes sense does not count.
func (c *comparison) differs(script []string) bool {
	if newMachine(c.random).run(script) != nil {
		return false
	}
	goes, theirs, err := c.traces(script)
	runtime.GC()
	return err != nil || !bytes.Equal(goes, theirs)
}
