// main.go - does a map in C do what the map of Go 1.19 does?
//
//	conformance trace
//	    a script on standard input, Go's trace on standard output
//	conformance script SEED
//	    the random script of a seed
//	conformance compare N SEED DIRECTORY COMMAND...
//	    N random scripts, on Go's map and by a command that reads a script and prints a trace; a
//	    difference is left in DIRECTORY
//
// Exit status: 0 all the same; 1 a difference; 3 nothing can be concluded; 64 usage; 65 a bad script;
// 70 this is not the runtime the program is for.

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func fail(status int, format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, "conformance: "+format+"\n", arguments...)
	os.Exit(status)
}

func trace(random *uint64) {
	script, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(65, "%v", err)
	}
	m := newMachine(random)
	err = m.run(strings.Split(string(script), "\n"))
	if _, failed := os.Stdout.Write(m.out); failed != nil {
		fail(74, "%v", failed)
	}
	if err != nil {
		fail(65, "%v", err)
	}
}

func compare(random *uint64, scripts int, seed uint64, directory string, command []string) {
	began := time.Now()
	c := &comparison{command: command, random: random, directory: directory}
	if err := c.run(scripts, seed); err != nil {
		fail(1, "%v", err)
	}
	fmt.Printf("conformance: %d random scripts of seed 0x%016x, %d lines (%d MB) all the same, %.0f s\n",
		scripts, seed, c.lines, c.bytes>>20, time.Since(began).Seconds())
	missing := ""
	for _, field := range c.seen.fields() {
		fmt.Printf("  %9d %s\n", *field.count, field.name)
		if *field.count == 0 {
			missing += "; no " + field.name
		}
	}
	if missing != "" {
		fail(3, "too few scripts to conclude anything%s", missing)
	}
}

func parse(word string) uint64 {
	number, err := parseNumber(word)
	if err != nil {
		fail(64, "%v", err)
	}
	return number
}

func main() {
	quietRuntime()
	if err := checkRuntime(); err != nil {
		fail(70, "%v", err)
	}
	random := threadRandom()
	switch arguments := os.Args[1:]; {
	case len(arguments) == 1 && arguments[0] == "trace":
		trace(random)
	case len(arguments) == 2 && arguments[0] == "script":
		fmt.Println(strings.Join(generate(parse(arguments[1])), "\n"))
	case len(arguments) > 4 && arguments[0] == "compare":
		scripts, err := strconv.Atoi(arguments[1])
		if err != nil || scripts < 1 {
			fail(64, "'%s' is not a number of scripts", arguments[1])
		}
		compare(random, scripts, parse(arguments[2]), arguments[3], arguments[4:])
	default:
		fail(64, "usage: conformance trace | script SEED | compare N SEED DIRECTORY COMMAND...")
	}
}
