// machine.go - a map of the Go runtime under control: its operations, with the draws they take.
//
// Scripts and lines are those of mapimpl/gomap/trace.h and tests/golden/go1.19/README.md. What a script
// pins (hash seed, start of an iteration) is put in place after the runtime has drawn it, so that the
// stream of draws does not depend on it.

package main

import (
	"math"
	"unsafe"
)

type machine struct {
	random *uint64 // of this thread
	state  uint64  // what it is inside an operation
	draws  uint64

	t         *mapType
	h         *mapHeader
	hash      string // of the next new
	kind      *keyKind
	kindNext  *keyKind
	key       keySpace
	lastText  *string // the last one put into this map
	generic   bool
	quiet     bool
	roll      bool
	pinned    bool
	seed      uint32
	iterators map[string]*walk

	line uint64
	out  []byte
	seen coverage
}

func newMachine(random *uint64) *machine {
	return &machine{random: random, state: 1, hash: "mix", kindNext: kindOf("u64")}
}

// ---- one operation of the runtime, with its draws

// One operation draws once, or when it moves two long chains once for each overflow bucket.
const drawsMax = 1 << 20

func (m *machine) drawing(operation func()) {
	before := m.state
	*m.random = before
	operation()
	m.state = *m.random
	drawn := uint64(0)
	for state := before; state != m.state; state += randomStep {
		if drawn++; drawn > drawsMax {
			panic("something else than the map drew random numbers")
		}
	}
	m.draws += drawn
}

// operation counts one that has a key.
func (m *machine) operation(number uint64) {
	m.seen.operations++
	if float := math.Float64frombits(number); m.kind.name == "float" && float != float {
		m.seen.unlike++
	}
	switch {
	case m.kind.name == "wide" || m.kind.name == "large" || m.kind.name == "float":
		m.seen.others++
	case m.generic:
	case m.kind.name == "u32":
		m.seen.narrow++
	case m.kind.name == "string":
		m.seen.texts++
	}
}

// seenText counts lookups in a map of one bucket that reach what Go does for long texts alone.
func (m *machine) seenText(text string) {
	const long, part = 32, 4
	if m.h.count == 0 || m.h.log2 != 0 || len(text) < long {
		return
	}
	alike := 0
	for slot, top := range (*bucket)(m.h.buckets).tophash {
		key := (*string)(m.t.keyAt((*bucket)(m.h.buckets), slot))
		if !shown(top) || len(*key) != len(text) {
			continue
		}
		if *(*unsafe.Pointer)(unsafe.Pointer(key)) == *(*unsafe.Pointer)(unsafe.Pointer(&text)) {
			m.seen.samePlace++
		}
		if (*key)[:part] == text[:part] && (*key)[len(text)-part:] == text[len(text)-part:] {
			alike++
		}
	}
	if alike > 1 {
		m.seen.alike++
	}
}

func (m *machine) get(number uint64) (value uint64, found bool) {
	m.operation(number)
	if m.h.oldbuckets != nil {
		m.seen.getGrowing++
	}
	key := m.named(number, false)
	if m.kind.name == "string" && !m.generic {
		m.seenText(*(*string)(key))
	}
	var elem *uint64
	m.drawing(func() {
		if m.generic {
			elem, found = mapaccess2(m.t, m.h, key)
		} else {
			elem, found = m.kind.access(m.t, m.h, key)
		}
	})
	if !found {
		return 0, false
	}
	return *elem, true
}

func (m *machine) put(number, value uint64) {
	if m.h.oldbuckets != nil {
		m.seen.putGrowing++
	}
	key := m.named(number, true)
	m.write(number, func() {
		if m.generic {
			*mapassign(m.t, m.h, key) = value
		} else {
			*m.kind.assign(m.t, m.h, key) = value
		}
	})
}

func (m *machine) del(number uint64) {
	before, growing := m.h.count, m.h.oldbuckets != nil
	if growing {
		m.seen.deleteGrowing++
	}
	key := m.named(number, false)
	m.write(number, func() {
		if m.generic {
			mapdelete(m.t, m.h, key)
		} else {
			m.kind.delete(m.t, m.h, key)
		}
	})
	if before != 0 && m.h.count == 0 {
		m.seen.emptied++
		if growing {
			m.seen.emptiedInside++
		}
	}
	m.repin(before)
}

// write does a put or a delete and counts what came of it.
func (m *machine) write(number uint64, operation func()) {
	m.operation(number)
	table, draws, chained := m.h.buckets, m.draws, listLength(m.h, false)
	m.drawing(operation)
	switch after := listLength(m.h, false); {
	case table != nil && table != m.h.buckets && m.h.flags&flagSameSize != 0:
		m.seen.sameSize++
	case table != nil && table != m.h.buckets:
		m.seen.doublings++
	case after > 0 && after > chained:
		m.seen.chained++
		m.seen.estimated += m.draws - draws
	}
	if m.h.oldbuckets != nil && m.h.nevacuate > 0 && m.t.evacuated(m.h.oldbuckets, m.h.nevacuate) {
		m.seen.waiting++
	}
}

func (m *machine) clear() {
	m.seen.operations++
	if m.h.oldbuckets != nil {
		m.seen.clearGrowing++
	}
	before := m.h.count
	m.drawing(func() { mapclear(m.t, m.h) })
	m.repin(before)
}

// A map that became empty has drawn a new seed.
func (m *machine) repin(before int) {
	if !m.pinned || before == 0 || m.h.count != 0 {
		return
	}
	if m.roll {
		m.seed = uint32(splitmix(uint64(m.seed)))
	}
	m.h.hash0 = m.seed
}

// walk is an iteration as compiled code does it: a loop copies the pair when the iterator comes to it.
type walk struct {
	*mapIterator
	done   bool // and there is no pair
	number uint64
	value  uint64
}

func (m *machine) arrive(w *walk) {
	w.done = w.key == nil
	if !w.done {
		w.number, w.value = m.kind.number(w.key), *w.elem
	}
}

// start begins an iteration and stands on its first pair; at is its bucket and offset, or empty.
func (m *machine) start(at []uint64) *walk {
	m.seen.operations++
	w := &walk{mapIterator: new(mapIterator)}
	m.drawing(func() { mapiterinit(m.t, m.h, w.mapIterator) })
	if len(at) != 0 && w.h != nil {
		w.startBucket = uintptr(at[0]) & (1<<w.log2 - 1)
		w.offset = uint8(at[1] & (slots - 1))
		w.bucket = w.startBucket
		w.key, w.elem, w.current = nil, nil, nil
		w.wrapped, w.slot, w.checkBucket = false, 0, 0
		mapiternext(w.mapIterator)
	}
	m.arrive(w)
	return w
}

func (m *machine) step(w *walk) {
	if m.h.oldbuckets != nil {
		m.seen.stepGrowing++
	}
	if w.buckets != m.h.buckets {
		m.seen.stepOlder++
	}
	m.drawing(func() { mapiternext(w.mapIterator) })
	m.arrive(w)
}

// seenUnder counts what became of an iterator's pair while it stood there.
func (m *machine) seenUnder(w *walk) {
	switch {
	case w.done:
		m.seen.ended++
	case m.kind.number(w.key) != w.number:
		m.seen.replaced++
	case *w.elem != w.value:
		m.seen.overwritten++
	}
}
