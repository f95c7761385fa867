// state.go - a map's state as a trace shows it: fields, chains, digest.

package main

import (
	"strconv"
	"unsafe"
)

// ---- the parts of a JSON object

func (m *machine) text(text string) { m.out = append(m.out, text...) }

func (m *machine) number(value uint64) { m.out = strconv.AppendUint(m.out, value, 10) }

func (m *machine) name(name string) {
	m.out = append(m.out, ',', '"')
	m.out = append(m.out, name...)
	m.out = append(m.out, '"', ':')
}

func (m *machine) field(name string, value uint64) {
	m.name(name)
	m.number(value)
}

func (m *machine) signed(name string, value int64) {
	m.name(name)
	m.out = strconv.AppendInt(m.out, value, 10)
}

func (m *machine) bit(name string, value bool) {
	if value {
		m.field(name, 1)
	} else {
		m.field(name, 0)
	}
}

// print writes the object of one operation: what it did, and the state after it.
func (m *machine) print(op string, fields func()) { m.printThen(op, fields, func() {}) }

func (m *machine) printThen(op string, fields, rest func()) {
	if m.quiet {
		return
	}
	m.out = strconv.AppendUint(append(m.out, `{"line":`...), m.line, 10)
	m.text(`,"op":"` + op + `"`)
	fields()
	m.mapState()
	rest()
	m.text("}\n")
}

// ---- the header

func listLength(h *mapHeader, old bool) int64 {
	if h.extra == nil {
		return -1
	}
	list := h.extra.overflow
	if old {
		list = h.extra.oldOverflow
	}
	if list == nil {
		return -1
	}
	return int64(len(*list))
}

// tableTotal is the number of buckets of a table, spare ones included.
func (t *mapType) tableTotal(log2 uint8) uint64 {
	total := uint64(1) << log2
	if log2 < 4 {
		return total
	}
	size := uint64(t.bucketSize)
	return uint64(roundupsize(uintptr((total+total>>4)*size))) / size
}

// indexIn is a bucket's index in the array of a table, or -1 if it is not part of it.
func (t *mapType) indexIn(b *bucket, table unsafe.Pointer, log2 uint8) int64 {
	distance := uint64(uintptr(unsafe.Pointer(b)) - uintptr(table))
	index := distance / uint64(t.bucketSize)
	if b == nil || index >= t.tableTotal(log2) {
		return -1
	}
	return int64(index)
}

// evacuated tells whether a bucket of an old table has been moved.
func (t *mapType) evacuated(table unsafe.Pointer, index uintptr) bool {
	top := t.bucketAt(table, index).tophash[0]
	return top > emptyOne && top <= evacuatedEmpty
}

func oldLog2(h *mapHeader) uint8 {
	if h.flags&flagSameSize != 0 {
		return h.log2
	}
	return h.log2 - 1
}

func (m *machine) mapState() {
	h := m.h
	growing := h.oldbuckets != nil
	var buckets, old uint64
	if h.buckets != nil {
		buckets = 1 << h.log2
	}
	if growing {
		old = 1 << oldLog2(h)
	}
	next := int64(-1)
	if h.extra != nil {
		next = m.t.indexIn(h.extra.nextOverflow, h.buckets, h.log2)
	}
	m.field("count", uint64(h.count))
	m.field("flags", uint64(h.flags))
	m.field("B", uint64(h.log2))
	m.field("nov", uint64(h.noverflow))
	m.field("hash0", uint64(h.hash0))
	m.field("nevac", uint64(h.nevacuate))
	m.bit("grow", growing)
	m.bit("same", h.flags&flagSameSize != 0)
	m.field("nb", buckets)
	m.field("nob", old)
	m.signed("nextovf", next)
	m.signed("ovl", listLength(h, false))
	m.signed("oovl", listLength(h, true))
	m.field("draws", m.draws)
}

func (m *machine) iterator(it *mapIterator) {
	m.field("start", uint64(it.startBucket))
	m.field("off", uint64(it.offset))
	m.field("itB", uint64(it.log2))
	m.field("bucket", uint64(it.bucket))
	m.field("i", uint64(it.slot))
	m.bit("wrapped", it.wrapped)
	m.signed("check", int64(it.checkBucket))
}

// ---- the buckets

// A bucket and where it is found.
type place struct {
	*bucket
	old   bool
	index uint64 // of its main bucket
	depth uint64
	at    int64
}

func (t *mapType) visitTable(table unsafe.Pointer, log2 uint8, old bool, visit func(place)) {
	if table == nil {
		return
	}
	for index := uint64(0); index < 1<<log2; index++ {
		depth := uint64(0)
		for b := t.bucketAt(table, uintptr(index)); b != nil; b = t.overflowOf(b) {
			visit(place{b, old, index, depth, t.indexIn(b, table, log2)})
			depth++
		}
	}
}

// visitBuckets goes through the new table first, then through the old one.
func (m *machine) visitBuckets(visit func(place)) {
	h := m.h
	m.t.visitTable(h.buckets, h.log2, false, visit)
	m.t.visitTable(h.oldbuckets, oldLog2(h), true, visit)
}

// shown: evacuated cells still hold what they held.
func shown(top uint8) bool {
	return top != emptyRest && top != emptyOne && top != evacuatedEmpty
}

func (m *machine) chains() {
	m.name("chains")
	separator := "[\n"
	m.visitBuckets(func(p place) {
		m.text(separator)
		separator = ",\n"
		table := "new"
		if p.old {
			table = "old"
		}
		m.text(`{"t":"` + table + `"`)
		m.field("b", p.index)
		m.field("d", p.depth)
		m.signed("at", p.at)
		m.name("th")
		for slot, top := range p.tophash {
			m.text("[,"[min(slot, 1) : min(slot, 1)+1])
			m.number(uint64(top))
		}
		m.text("]")
		m.cells("k", p.bucket, m.keyShown)
		m.cells("v", p.bucket, m.elemShown)
		m.text("}")
	})
	if separator == "[\n" {
		m.text("[")
	}
	m.text("]")
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

// Of a cell that was moved the map may have forgotten what it held.
func (m *machine) keyShown(b *bucket, slot int) uint64 {
	if key := m.t.keyAt(b, slot); key != nil {
		return m.kind.number(key)
	}
	return 0
}

func (m *machine) elemShown(b *bucket, slot int) uint64 {
	if elem := m.t.elemAt(b, slot); elem != nil {
		return *elem
	}
	return 0
}

func (m *machine) cells(name string, b *bucket, word func(b *bucket, slot int) uint64) {
	m.name(name)
	for slot := 0; slot < slots; slot++ {
		m.text("[,"[min(slot, 1) : min(slot, 1)+1])
		if shown(b.tophash[slot]) {
			m.number(word(b, slot))
		} else {
			m.text("null")
		}
	}
	m.text("]")
}

type fnv uint64

func (f *fnv) add(value uint64, bytes int) {
	for i := 0; i < bytes; i++ {
		*f = (*f ^ fnv(value>>(8*i)&0xff)) * 0x100000001b3
	}
}

// digest is FNV-1a over the header and all buckets.
func (m *machine) digest() uint64 {
	h := m.h
	f := fnv(0xcbf29ce484222325)
	old := uint64(0)
	if h.oldbuckets != nil {
		old = 1 << oldLog2(h)
	}
	f.add(uint64(h.count), 8)
	f.add(uint64(h.flags), 1)
	f.add(uint64(h.log2), 1)
	f.add(uint64(h.noverflow), 8)
	f.add(uint64(h.hash0), 8)
	f.add(uint64(h.nevacuate), 8)
	f.add(old, 8)
	m.visitBuckets(func(p place) {
		oldBit := uint64(0)
		if p.old {
			oldBit = 1
		}
		f.add(oldBit, 1)
		f.add(p.index, 8)
		f.add(p.depth, 8)
		for slot, top := range p.tophash {
			f.add(uint64(top), 1)
			if shown(top) {
				f.add(m.keyShown(p.bucket, slot), 8)
				f.add(m.elemShown(p.bucket, slot), 8)
			}
		}
	})
	return uint64(f)
}
