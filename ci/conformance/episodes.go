// episodes.go - what random scripts are made of: each episode leads the map to one place worth seeing.

package main

import "fmt"

// loadLimit is the greatest number of keys that 2^log2 buckets hold without growing.
func loadLimit(log2 int) int {
	if log2 == 0 {
		return slots
	}
	return 13 << (log2 - 1)
}

// fill inserts up to just below, at or above the next limit or the one after it.
func (g *generator) fill() {
	log2 := 0
	for loadLimit(log2) < len(g.keys) {
		log2++
	}
	goal := loadLimit(log2+g.below(2)) + g.below(4) - 1
	if goal > g.sizeMax || g.huge {
		goal = len(g.keys) + g.below(20)
	}
	if missing := goal - len(g.keys); missing > 60 {
		g.putRange(missing - 10 - g.below(20))
	}
	for tries := 0; len(g.keys) < goal && tries < 100; tries++ {
		g.put(g.newKey())
		g.aside()
	}
}

func (g *generator) putRange(count int) {
	first, step := g.counter, uint64(1)
	switch g.kind {
	case keysCounted:
		g.counter += uint64(count)
	case keysHot:
		first, step = g.newKey(), 1<<g.hotBits
	default:
		first, step = g.newKey(), g.next()>>uint(g.below(64))
	}
	g.emit("putrange %d %d %d", first, count, step)
	for i := 0; i < count; i++ {
		g.added(first + uint64(i)*step)
	}
}

func (g *generator) ranges() {
	count := 1 + g.below(60)
	switch g.below(3) {
	case 0:
		g.putRange(count)
	case 1:
		g.emit("getrange %d %d", g.oldKey(), count)
	default:
		first, step := g.oldKey(), uint64(1+g.below(3))
		g.emit("delrange %d %d %d", first, count, step)
		for i := 0; i < count; i++ {
			g.removed(first + uint64(i)*step)
		}
	}
}

// window starts a growth and stays in it for a while: looking, deleting, walking, at last clearing.
func (g *generator) window() {
	log2 := g.below(10)
	for log2 > 0 && loadLimit(log2) > g.sizeMax {
		log2--
	}
	if missing := loadLimit(log2) - len(g.keys); missing > 0 && !g.huge {
		g.putRange(missing)
	}
	for left := 1 + g.below(3<<uint(log2)); left > 0; left-- {
		switch g.below(8) {
		case 0, 1:
			g.put(g.newKey())
		case 2:
			g.put(g.oldKey())
		case 3:
			g.del(g.oldKey())
		case 4, 5:
			g.get()
		default:
			g.iteratorStep()
		}
	}
	if g.chance(1, 4) {
		g.clear()
	}
}

func (g *generator) churn() {
	for left := 5 + g.below(40); left > 0; left-- {
		switch g.below(10) {
		case 0, 1, 2:
			g.put(g.newKey())
		case 3, 4:
			g.put(g.oldKey())
		case 5, 6:
			g.del(g.oldKey())
		case 7:
			g.get()
		default:
			g.iteratorStep()
		}
	}
}

// slide keeps the number of keys and changes the keys.
func (g *generator) slide() {
	for left := 10 + g.below(60); left > 0; left-- {
		g.put(g.newKey())
		if len(g.keys) > 1 {
			g.del(g.keys[g.below(len(g.keys))])
		}
		g.aside()
	}
}

// crowds fills one bucket after the other and empties it again: its overflow buckets stay.
func (g *generator) crowds() {
	kind := g.kind
	g.kind, g.hotBits = keysHot, uint64(g.below(12))
	if g.huge {
		g.hotBits = 20
	}
	for left := 2 + g.below(12); left > 0; left-- {
		size := 9 + g.below(30)
		if g.chance(1, 3) { // the growth may begin with it, and all keys go within
			size = 1 + g.below(3)
		}
		g.hot = g.next() & (1<<g.hotBits - 1)
		crowd := make([]uint64, 0, size)
		for i := 0; i < size; i++ {
			crowd = append(crowd, g.newKey())
			g.put(crowd[i])
		}
		for _, key := range crowd[min(g.below(3), size-1):] {
			g.del(key)
			g.aside()
		}
		if g.chance(1, 4) && len(g.keys) < 20 {
			g.empty()
		}
	}
	g.kind = kind
}

func (g *generator) empty() {
	for len(g.keys) > 0 {
		g.del(g.keys[g.below(len(g.keys))])
	}
}

// meet moves old buckets from the upper end while the map moves them from the lower one: where they meet,
// the mark of progress has a long way of moved buckets before it.
func (g *generator) meet() {
	log2 := 10 + g.below(4)
	g.emit("hash ident")
	g.begin(fmt.Sprint(loadLimit(log2)), fmt.Sprint(g.next()>>48<<16))
	g.emit("putrange 0 %d", loadLimit(log2)+1)
	first := uint64(1)<<log2 - 1
	for left := uint64(g.below(1 << log2)); left > 0; {
		count := 1 + g.next()%left
		g.emit("%s %d %d 0xffffffffffffffff", g.pick("putrange", "putrange", "delrange"), first, count)
		first, left = first-count, left-count
		g.iteratorStep()
	}
	g.emit("digest")
	g.renew()
}

// wear gives an almost empty map as many overflow buckets as it has buckets: one more key, and it grows to
// its own size. The last keys may go while it does.
func (g *generator) wear() {
	log2 := 3 + g.below(4)
	step := uint64(1) << log2
	g.emit("hash ident")
	g.begin(fmt.Sprint(loadLimit(log2)), g.pick("", "0", fmt.Sprint(g.next()>>32)))
	first := loadLimit(log2) - g.below(8)
	second := slots*(int(step)-(first-1)/slots) + g.below(3)
	left := g.below(3)
	bucket := g.next() % step
	g.emit("putrange %d %d %d", bucket, first, step)
	g.emit("delrange %d %d %d", bucket, first, step)
	g.emit("putrange %d %d %d", bucket^1, second, step)
	g.emit("delrange %d %d %d", bucket^1, second-left, step)
	for ; left > 0; left-- {
		g.added(bucket ^ 1 + step*uint64(second-left))
	}
	for turns := 1 + g.below(4); turns > 0; turns-- {
		g.put(g.next())
		g.aside()
		g.empty()
	}
	if g.chance(1, 2) {
		g.renew()
	}
}

// twins fills a map of one bucket with keys of one low half, and looks for these and for others like them:
// of texts nothing but the hash may tell which one it is.
func (g *generator) twins() {
	if g.chance(3, 4) {
		g.keysOf("string")
	}
	g.begin("0", "")
	low, kind := uint64(g.below(64)), g.kind
	twin := func() uint64 { return g.next()>>uint(8*g.below(2))&^0xffffffff | low }
	g.kind = keysTwin
	for left := 20 + g.below(40); left > 0; left-- {
		switch {
		case len(g.keys) < 1+g.below(slots):
			g.put(twin())
		case g.chance(1, 8):
			g.del(g.oldKey())
		case g.chance(1, 6):
			g.emit("get %d", twin())
		default:
			g.get()
		}
	}
	g.kind = kind
}

// stand puts iterators on a map of few keys and changes all of them: removed, overwritten, put again,
// cleared, moved by a growth. What an iterator shows then is the pair to which it came.
func (g *generator) stand() {
	g.begin(g.pick("0", "0", "9"), g.pick("", "0"))
	for left := 1 + g.below(loadLimit(1)); left > 0; left-- {
		g.put(g.newKey())
	}
	for turns := 2 + g.below(6); turns > 0; turns-- {
		for left := 1 + g.below(3); left > 0; left-- {
			g.iteratorNew()
		}
		before := append([]uint64{}, g.keys...)
		switch g.below(6) {
		case 0:
			g.empty()
		case 1:
			g.emit("clear")
			g.forget()
		case 2:
			g.putRange(4 + g.below(30))
		case 3: // iterators that have come to their end stand on nothing
			for _, id := range g.iterators {
				g.emit("it.next %s 0", id)
			}
			g.put(g.newKey())
		}
		for _, key := range before {
			if !g.chance(1, 4) {
				g.put(g.pickKey(key))
			}
		}
		for left := 2 + g.below(8); left > 0; left-- {
			g.iteratorStep()
		}
	}
}

// pickKey is the key, or a new one that may come to its place.
func (g *generator) pickKey(key uint64) uint64 {
	if g.chance(1, 3) {
		return g.newKey()
	}
	return key
}

func (g *generator) keysOf(name string) {
	g.of = kindOf(name)
	g.emit("keys %s", name)
}

func (g *generator) drain() {
	left := 0
	if g.chance(1, 3) {
		left = g.below(len(g.keys) + 1)
	}
	if len(g.keys)-left > 150 {
		left = len(g.keys) - 150
	}
	for len(g.keys) > left {
		g.del(g.keys[g.below(len(g.keys))])
		g.aside()
	}
}

func (g *generator) clear() {
	if g.chance(1, 2) {
		g.iteratorNew()
	}
	g.emit("clear")
	g.forget()
	for left := g.below(6); left > 0; left-- {
		g.iteratorStep()
	}
}

func (g *generator) walk() {
	if g.chance(1, 2) && !g.huge {
		g.emit("iter%s", g.start())
	}
	for left := 1 + g.below(12); left > 0; left-- {
		g.iteratorStep()
		if g.chance(1, 2) {
			g.put(g.newKey())
		}
		if g.chance(1, 4) {
			g.del(g.oldKey())
		}
	}
}

func (g *generator) hint() string {
	switch g.below(10) {
	case 0, 1, 2:
		return "0"
	case 3: // more than there is room for
		return fmt.Sprint(1<<48/uint64(g.of.t.bucketSize) + 1 + g.next()>>uint(1+g.below(63)))
	case 4, 5:
		return fmt.Sprint(loadLimit(g.below(10)) + g.below(3) - 1)
	}
	return fmt.Sprint(g.below(g.sizeMax + 1))
}

func (g *generator) renew() {
	if g.chance(1, 2) {
		g.emit("hash %s", g.pick("mix", "mix", "ident", "ident", "const"))
	}
	if g.chance(1, 2) {
		g.keysOf(g.pick("u64", "u64", "u32", "u32", "string", "string", "string", "wide", "large", "float"))
	}
	hint := g.hint()
	g.huge = g.chance(1, 60)
	if g.huge {
		hint = fmt.Sprint(loadLimit(14+g.below(2)) + 1 + g.below(100000))
	}
	seed := ""
	if g.chance(2, 3) {
		seed = fmt.Sprint(g.next() >> 32 >> uint(g.below(33)))
	}
	g.begin(hint, seed)
}

func (g *generator) begin(hint, seed string) {
	g.emit("new %s %s", hint, seed)
	g.forget()
	g.iterators = nil
}

// turn changes what the operations after it mean.
func (g *generator) turn() {
	switch g.below(6) {
	case 0:
		g.emit("impl %s", g.pick("fast64", "generic"))
	case 1:
		g.emit("reseed %s", g.pick("keep", "roll"))
	case 2:
		g.emit("rng %d", g.next()>>uint(g.below(64)))
	case 3:
		g.kind = g.below(keyKinds)
	case 4:
		g.emit("quiet on")
		g.churn()
		g.emit("quiet off")
	default:
		g.renew()
	}
}
