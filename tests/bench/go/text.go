// text.go - rounds over maps of strings.

package main

type texts struct {
	walk
	key, absent []string
	m           map[string]uint64
}

func (s *texts) prepare(count int) {
	if s.count == count {
		return
	}
	*s = texts{walk: walkOf(count)}
	for i := uint64(0); i < uint64(count); i++ {
		s.key = append(s.key, textOf(i))
		s.absent = append(s.absent, textOf(i+absent))
	}
	s.m = map[string]uint64{}
	s.fill(s.m, 0)
}

func (s *texts) fill(m map[string]uint64, pass int) {
	for _, i := range s.order(pass) {
		m[s.key[i]] = valueOf(i)
	}
}

func (s *texts) round(operation int) (took int64, operations int, check uint64) {
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
				m := make(map[string]uint64)
				s.fill(m, pass)
				check += uint64(len(m))
			})
		case insertPresized:
			timed(&took, func() {
				m := make(map[string]uint64, s.count)
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

func (s *texts) get(keys []string, pass int) (sum uint64) {
	for _, i := range s.order(pass) {
		if value, found := s.m[keys[i]]; found {
			sum += value
		}
	}
	return sum
}

func (s *texts) empty(pass int) {
	for _, i := range s.order(pass) {
		delete(s.m, s.key[i])
	}
}

func (s *texts) sum() (sum uint64) {
	for key, value := range s.m {
		sum += uint64(len(key)) ^ value
	}
	return sum
}
