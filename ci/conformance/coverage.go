// coverage.go - what a comparison has seen, so that a green one is worth something.

package main

// coverage counts what a script has led the map through.
type coverage struct {
	operations    uint64
	doublings     uint64
	sameSize      uint64 // growths that kept the number of buckets
	putGrowing    uint64 // operations while old buckets exist
	deleteGrowing uint64
	clearGrowing  uint64
	getGrowing    uint64
	stepGrowing   uint64 // pairs from iterators
	stepOlder     uint64 // of iterators that began on an older table
	replaced      uint64 // pairs that were gone when their iterator went on
	overwritten   uint64 // pairs that had another value then
	ended         uint64 // steps of iterators that had come to their end
	emptied       uint64 // deletes of the last key
	emptiedInside uint64 // of them, those while growing
	waiting       uint64 // writes after which the mark of progress rests on a moved bucket
	chained       uint64 // overflow buckets that were linked
	estimated     uint64 // of them, those that took a draw to be counted
	huge          uint64 // maps of 2^16 buckets and more
	narrow        uint64 // operations by the entries for 32-bit numbers
	texts         uint64 // by those for strings
	others        uint64 // on keys that have none
	unlike        uint64 // operations on keys that differ from themselves
	alike         uint64 // lookups of a text in one bucket where nothing but its hash tells it from another
	samePlace     uint64 // lookups by a text that is the very one in the map
}

func (c *coverage) add(other *coverage) {
	sum := c.fields()
	for i, field := range other.fields() {
		*sum[i].count += *field.count
	}
}

type coverageField struct {
	name  string
	count *uint64
}

func (c *coverage) fields() []coverageField {
	return []coverageField{
		{"operations", &c.operations}, {"doublings", &c.doublings},
		{"same-size growths", &c.sameSize}, {"puts while growing", &c.putGrowing},
		{"deletes while growing", &c.deleteGrowing}, {"clears while growing", &c.clearGrowing},
		{"gets while growing", &c.getGrowing}, {"iterator steps while growing", &c.stepGrowing},
		{"steps on an older table", &c.stepOlder},
		{"pairs replaced under an iterator", &c.replaced},
		{"pairs overwritten under an iterator", &c.overwritten},
		{"steps beyond the end", &c.ended},
		{"deletes of the last key", &c.emptied}, {"of them while growing", &c.emptiedInside},
		{"marks of progress at rest", &c.waiting},
		{"overflow buckets", &c.chained}, {"estimated overflow buckets", &c.estimated},
		{"maps of 65536 buckets and more", &c.huge},
		{"operations on 32-bit keys", &c.narrow}, {"operations on strings", &c.texts},
		{"operations on wide, large and float keys", &c.others},
		{"operations on keys unlike themselves", &c.unlike},
		{"lookups of a string among alike ones", &c.alike},
		{"lookups by the map's own string", &c.samePlace},
	}
}
