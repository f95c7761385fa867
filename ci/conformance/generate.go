// generate.go - random scripts, each a function of its seed, that seek out where maps go wrong.
//
// A script is a sequence of episodes: fill the map to just below, at or above a limit of its load; move
// a crowd of keys from bucket to bucket until overflow buckets force a growth of the same size; drain it;
// stay
// within a growth and clear the map there; walk it with several iterators while all that goes on. Each
// script has weights of its own for the episodes, some of them 0, so that scripts differ in kind and not in
// length alone.

package main

import "fmt"

type generator struct {
	seed  uint64
	draws uint64

	script []string
	of     *keyKind // what a number names
	last   uint64   // the key put last
	keys   []uint64 // live in the map, in no order
	index  map[uint64]int

	sizeMax   int // keys that a fill does not go beyond
	kind      int // of new keys: one of the constants below
	counter   uint64
	hotBits   uint64
	hot       uint64
	huge      bool // the current map has 2^16 buckets: looking at all of them is dear
	iterators []string
}

// Kinds of new keys.
const (
	keysCounted = iota // 0, 1, 2, ...
	keysRandom
	keysHot  // equal in the low bits: one bucket while the hash is the key
	keysEdge // few and extreme: tophash values next to the states, all bits set
	keysTwin // equal in the low half: texts of one length with the same beginning, many with the same end
	keyKinds
)

func (g *generator) next() uint64 {
	g.draws++
	return splitmix(g.seed + g.draws*0x9e3779b97f4a7c15)
}

func (g *generator) below(n int) int { return int(g.next() % uint64(n)) }

func (g *generator) chance(one, in int) bool { return g.below(in) < one }

func (g *generator) pick(words ...string) string { return words[g.below(len(words))] }

func (g *generator) emit(format string, arguments ...interface{}) {
	g.script = append(g.script, fmt.Sprintf(format, arguments...))
}

// ---- the keys that the map holds

func (g *generator) added(key uint64) {
	key &= g.of.mask
	g.last = key
	if _, present := g.index[key]; !present {
		g.index[key] = len(g.keys)
		g.keys = append(g.keys, key)
	}
}

func (g *generator) removed(key uint64) {
	key &= g.of.mask
	at, present := g.index[key]
	if !present {
		return
	}
	last := g.keys[len(g.keys)-1]
	g.keys[at] = last
	g.index[last] = at
	g.keys = g.keys[:len(g.keys)-1]
	delete(g.index, key)
}

func (g *generator) forget() { g.keys, g.index = nil, map[uint64]int{} }

func (g *generator) newKey() uint64 {
	if g.of.name == "float" && g.chance(1, 4) { // zeros, and what is not a number
		return []uint64{0, 1 << 63, 0x7ff8 << 48, 0xfff8<<48 + uint64(g.below(3))}[g.below(4)]
	}
	switch g.kind {
	case keysCounted:
		g.counter++
		return g.counter - 1
	case keysHot:
		return g.next()<<g.hotBits | g.hot
	case keysEdge:
		return g.next()%12<<56 | uint64(g.below(3)) | -(g.next()&1)<<60
	case keysTwin:
		return g.next()>>uint(8*g.below(2))&^0xffffffff | uint64(g.below(8))
	}
	return g.next()
}

// oldKey is mostly one that the map holds.
func (g *generator) oldKey() uint64 {
	if len(g.keys) == 0 || g.chance(1, 10) {
		return g.newKey()
	}
	return g.keys[g.below(len(g.keys))]
}

// ---- single operations

func (g *generator) put(key uint64) {
	g.emit("put %d %d", key, g.next()>>uint(g.below(64)))
	g.added(key)
}

func (g *generator) del(key uint64) {
	g.emit("del %d", key)
	g.removed(key)
}

func (g *generator) get() {
	key := g.oldKey()
	if g.chance(1, 6) {
		key = g.last
	}
	g.emit("get %d", key)
}

func (g *generator) start() string {
	switch g.below(3) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" %d %d", g.below(300), g.below(10))
	}
	return fmt.Sprintf(" 0x%x 0x%x", g.next(), g.next())
}

func (g *generator) iteratorNew() {
	id := fmt.Sprintf("i%d", g.below(6))
	g.emit("it.new %s%s", id, g.start())
	for _, known := range g.iterators {
		if known == id {
			return
		}
	}
	g.iterators = append(g.iterators, id)
}

func (g *generator) iteratorStep() {
	if len(g.iterators) == 0 || g.chance(1, 8) {
		g.iteratorNew()
		return
	}
	id := g.iterators[g.below(len(g.iterators))]
	switch {
	case g.chance(1, 3):
		g.emit("it.next %s", id)
	case g.chance(1, 10) && !g.huge:
		g.emit("it.next %s 0", id)
	default:
		g.emit("it.next %s %d", id, 1+g.below(9))
	}
}

// aside is what happens between the operations of an episode.
func (g *generator) aside() {
	switch g.below(12) {
	case 0, 1:
		g.get()
	case 2:
		if len(g.iterators) > 0 {
			g.iteratorStep()
		}
	}
}

func (g *generator) rarely(episode func(), in int) func() {
	return func() {
		if g.chance(1, in) {
			episode()
		}
	}
}

func (g *generator) look() {
	if g.huge && !g.chance(1, 20) {
		return
	}
	switch g.below(12) {
	case 0:
		g.emit("stat")
	case 1:
		if len(g.keys) < 300 && !g.huge {
			g.emit("dump")
		}
	case 2, 3, 4, 5:
		g.emit("digest")
	}
}

// generate makes the script of a seed: 200 to 5,000 operations, short ones more often than long ones.
func generate(seed uint64) []string {
	g := &generator{seed: splitmix(seed), hotBits: 4, of: kindOf("u64")}
	g.sizeMax = []int{30, 250, 1000, 4000, 10000}[g.below(5)]
	g.kind = g.below(keyKinds)
	length := 200 << uint(g.below(5))
	length += g.below(length/2 + 1)
	episodes := []func(){g.fill, g.churn, g.slide, g.crowds, g.drain, g.clear, g.walk, g.ranges, g.turn,
		g.window, g.window, g.rarely(g.meet, 8), g.rarely(g.wear, 2),
		g.rarely(g.twins, 2), g.rarely(g.stand, 2)}
	weights, total := make([]int, len(episodes)), 1
	for i := range weights {
		weights[i] = g.below(5)
		total += weights[i]
	}
	g.emit("# seed 0x%016x", seed)
	g.renew()
	for len(g.script) < length {
		at := g.below(total)
		episode := g.churn
		for i, weight := range weights {
			if at < weight {
				episode = episodes[i]
				break
			}
			at -= weight
		}
		episode()
		g.look()
	}
	g.emit("digest")
	return g.script
}
