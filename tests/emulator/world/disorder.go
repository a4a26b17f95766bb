package world

import (
	"math"
	"slices"
)

// oneTwice is how many chunks of a push in disorder there are for one that comes twice.
const oneTwice = 5

// sizes tells how many messages the chunks of a kind hold, one after the other: PerChunk each, or in disorder anything up to that,
// small ones as often as large ones.
func (o PushOptions) sizes(kind HistoryKind) func() int {
	if o.Disorder == 0 {
		return func() int { return o.PerChunk }
	}
	r := seeded(o.Disorder, bits(int(kind)))
	return func() int { return int(math.Exp(r.Float64() * math.Log(float64(o.PerChunk)+1))) }
}

// disordered shuffles the chunks and repeats some, anywhere after the first time or before. Those with the mappings come last: until
// then a LID says nothing of whose it is.
func disordered(chunks []chunk, seed uint64) []chunk {
	r := seeded(seed, 0xd150)
	var out, last []chunk
	for _, c := range chunks {
		switch {
		case c.kind == Bootstrap && c.order == 0:
			last = append(last, c)
		case r.IntN(oneTwice) == 0:
			out = append(out, c, c)
		default:
			out = append(out, c)
		}
	}
	r.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	return slices.Concat(out, last)
}
