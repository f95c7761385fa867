// number.go - rounds over maps of 64-bit numbers.

package main

type numbers struct {
	walk
	key, absent []uint64
	m           map[uint64]uint64
}

func (s *numbers) prepare(count int) {
	if s.count == count {
		return
	}
	*s = numbers{walk: walkOf(count)}
	for i := uint64(0); i < uint64(count); i++ {
		s.key = append(s.key, numberOf(i))
		s.absent = append(s.absent, numberOf(i+absent))
	}
	s.m = map[uint64]uint64{}
	s.fill(s.m, 0)
}

func (s *numbers) fill(m map[uint64]uint64, pass int) {
	for _, i := range s.order(pass) {
		m[s.key[i]] = valueOf(i)
	}
}

func (s *numbers) round(operation int) (took int64, operations int, check uint64) {
	for pass := 0; pass < s.passes; pass++ {
		switch operation {
		case getHit:
			timed(&took, func() { check += s.get(s.key, pass) })
		case getMiss:
			timed(&took, func() { check += s.get(s.absent, pass) })
		case update:
			timed(&took, func() { s.fill(s.m, pass) })
			check += uint64(len(s.m))
		case insert:
			timed(&took, func() {
				m := make(map[uint64]uint64)
				s.fill(m, pass)
				check += uint64(len(m))
			})
		case insertPresized:
			timed(&took, func() {
				m := make(map[uint64]uint64, s.count)
				s.fill(m, pass)
				check += uint64(len(m))
			})
		case remove:
			timed(&took, func() { s.empty(pass) })
			check += uint64(len(s.m))
			s.fill(s.m, pass)
		case iterate:
			timed(&took, func() { check += s.sum() })
		}
	}
	return took, s.passes * s.count, check
}

func (s *numbers) get(keys []uint64, pass int) (sum uint64) {
	for _, i := range s.order(pass) {
		if value, found := s.m[keys[i]]; found {
			sum += value
		}
	}
	return sum
}

func (s *numbers) empty(pass int) {
	for _, i := range s.order(pass) {
		delete(s.m, s.key[i])
	}
}

func (s *numbers) sum() (sum uint64) {
	for key, value := range s.m {
		sum += key ^ value
	}
	return sum
}
