// script.go - the operations of a script: their arguments, what they do, what they print.

package main

import (
	"fmt"
	"strconv"
	"strings"
)

type operation struct {
	minimum, maximum int // arguments
	numbersFrom      int // index of the first argument that is a number
	needsMap         bool
	run              func(m *machine, words []string, numbers []uint64) error
}

var operations map[string]operation

func init() {
	operations = map[string]operation{
		"hash":     {1, 1, 1, false, runHash},
		"keys":     {1, 1, 1, false, runKeys},
		"rng":      {1, 1, 0, false, runRng},
		"impl":     {1, 1, 1, false, switched("fast64", "generic", func(m *machine, on bool) { m.generic = on })},
		"reseed":   {1, 1, 1, false, switched("keep", "roll", func(m *machine, on bool) { m.roll = on })},
		"quiet":    {1, 1, 1, false, switched("off", "on", func(m *machine, on bool) { m.quiet = on })},
		"new":      {1, 2, 0, false, runNew},
		"put":      {2, 2, 0, true, runPut},
		"get":      {1, 1, 0, true, runGet},
		"del":      {1, 1, 0, true, runDel},
		"clear":    {0, 0, 0, true, runClear},
		"putrange": {2, 3, 0, true, runRange},
		"delrange": {2, 3, 0, true, runRange},
		"getrange": {2, 3, 0, true, runRange},
		"iter":     {0, 2, 0, true, runIter},
		"it.new":   {1, 3, 1, true, runIterNew},
		"it.next":  {1, 2, 1, true, runIterNext},
		"stat":     {0, 0, 0, true, runState},
		"dump":     {0, 0, 0, true, runState},
		"digest":   {0, 0, 0, true, runState},
	}
}

// run runs a whole script. What was written before an error stays in m.out.
func (m *machine) run(script []string) error {
	for index, line := range script {
		m.line = uint64(index) + 1
		if cut := strings.IndexByte(line, '#'); cut >= 0 {
			line = line[:cut]
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := m.runWords(words); err != nil {
			return fmt.Errorf("line %d: %w", m.line, err)
		}
	}
	return nil
}

func (m *machine) runWords(words []string) error {
	op, known := operations[words[0]]
	arguments := words[1:]
	if !known || len(arguments) < op.minimum || len(arguments) > op.maximum {
		return fmt.Errorf("no operation: %s", strings.Join(words, " "))
	}
	if op.needsMap && m.h == nil {
		return fmt.Errorf("%s before the first new", words[0])
	}
	var numbers []uint64
	for i := op.numbersFrom; i < len(arguments); i++ {
		number, err := parseNumber(arguments[i])
		if err != nil {
			return err
		}
		numbers = append(numbers, number)
	}
	return op.run(m, words, numbers)
}

func parseNumber(word string) (uint64, error) {
	if strings.HasPrefix(word, "0x") {
		return strconv.ParseUint(word[2:], 16, 64)
	}
	return strconv.ParseUint(word, 10, 64)
}

func switched(off, on string, set func(m *machine, on bool)) func(*machine, []string, []uint64) error {
	return func(m *machine, words []string, _ []uint64) error {
		if words[1] != off && words[1] != on {
			return fmt.Errorf("%s is no argument of %s", words[1], words[0])
		}
		set(m, words[1] == on)
		return nil
	}
}

func runHash(m *machine, words []string, _ []uint64) error {
	if hashModes[words[1]] == nil {
		return fmt.Errorf("%s is no argument of hash", words[1])
	}
	m.hash = words[1]
	return nil
}

func runKeys(m *machine, words []string, _ []uint64) error {
	kind := kindOf(words[1])
	if kind == nil {
		return fmt.Errorf("%s is no kind of keys", words[1])
	}
	m.kindNext = kind
	return nil
}

func runRng(m *machine, _ []string, numbers []uint64) error {
	m.state, m.draws = numbers[0], 0
	return nil
}

func runNew(m *machine, _ []string, numbers []uint64) error {
	m.seen.operations++
	m.iterators = map[string]*walk{}
	m.kind, m.lastText = m.kindNext, nil
	m.t = m.kind.typeWithHash(m.hash)
	m.drawing(func() { m.h = makemap(m.t, int(numbers[0]), nil) })
	m.pinned = len(numbers) == 2
	if m.pinned {
		if numbers[1]>>32 != 0 {
			return fmt.Errorf("a hash seed has 32 bits")
		}
		m.seed = uint32(numbers[1])
		m.h.hash0 = m.seed
	}
	if m.h.log2 >= 16 {
		m.seen.huge++
	}
	m.print("new", func() { m.field("hint", numbers[0]) })
	return nil
}

func runPut(m *machine, _ []string, numbers []uint64) error {
	m.put(numbers[0], numbers[1])
	m.print("put", func() { m.field("k", numbers[0]&m.kind.mask); m.field("v", numbers[1]) })
	return nil
}

func runGet(m *machine, _ []string, numbers []uint64) error {
	value, found := m.get(numbers[0])
	m.print("get", func() { m.field("k", numbers[0]&m.kind.mask); m.field("v", value); m.bit("ok", found) })
	return nil
}

func runDel(m *machine, _ []string, numbers []uint64) error {
	m.del(numbers[0])
	m.print("del", func() { m.field("k", numbers[0]&m.kind.mask) })
	return nil
}

func runClear(m *machine, _ []string, _ []uint64) error {
	m.clear()
	m.print("clear", func() {})
	return nil
}

func runRange(m *machine, words []string, numbers []uint64) error {
	first, count, step := numbers[0], numbers[1], uint64(1)
	if len(numbers) == 3 {
		step = numbers[2]
	}
	var hits, sum uint64
	for i := uint64(0); i < count; i++ {
		key := (first + i*step) & m.kind.mask
		switch words[0] {
		case "putrange":
			m.put(key, 3*key+1)
		case "delrange":
			m.del(key)
		default:
			if value, found := m.get(key); found {
				hits++
				sum += value
			}
		}
	}
	m.print(words[0], func() {
		m.field("first", first)
		m.field("n", count)
		m.field("step", step)
		m.field("hits", hits)
		m.field("sum", sum)
	})
	return nil
}

func runIter(m *machine, _ []string, numbers []uint64) error {
	if len(numbers) == 1 {
		return fmt.Errorf("a bucket needs an offset")
	}
	it := m.start(numbers)
	m.print("iter", func() {
		m.iterator(it.mapIterator)
		m.text(`,"keys":[`)
		for comma := ""; !it.done; comma = "," {
			m.text(comma)
			m.number(it.number)
			m.step(it)
		}
		m.text("]")
	})
	for !it.done {
		m.step(it)
	}
	return nil
}

func runIterNew(m *machine, words []string, numbers []uint64) error {
	if len(numbers) == 1 {
		return fmt.Errorf("a bucket needs an offset")
	}
	it := m.start(numbers)
	m.iterators[words[1]] = it
	m.print("it.new", func() {
		m.text(`,"id":"` + words[1] + `"`)
		m.bit("done", it.done)
		m.iterator(it.mapIterator)
	})
	return nil
}

func runIterNext(m *machine, words []string, numbers []uint64) error {
	it, steps := m.iterators[words[1]], uint64(1)
	if it == nil {
		return fmt.Errorf("no iterator %s in this map", words[1])
	}
	if len(numbers) == 1 {
		steps = numbers[0]
	}
	var pairs []byte
	m.seenUnder(it)
	for i := uint64(0); !it.done && (steps == 0 || i < steps); i++ {
		if i > 0 {
			pairs = append(pairs, ',')
		}
		pairs = strconv.AppendUint(append(pairs, '['), it.number, 10)
		pairs = strconv.AppendUint(append(pairs, ','), it.value, 10)
		pairs = append(pairs, ']')
		m.step(it)
	}
	m.print("it.next", func() {
		m.text(`,"id":"` + words[1] + `","kv":[`)
		m.out = append(m.out, pairs...)
		m.text("]")
		m.bit("done", it.done)
		m.iterator(it.mapIterator)
	})
	return nil
}

func runState(m *machine, words []string, _ []uint64) error {
	quiet := m.quiet
	m.quiet = false
	switch words[0] {
	case "digest":
		m.print("digest", func() { m.text(fmt.Sprintf(`,"digest":"%016x"`, m.digest())) })
	case "dump":
		m.printThen("dump", func() {}, m.chains)
	default:
		m.print("stat", func() {})
	}
	m.quiet = quiet
	return nil
}
