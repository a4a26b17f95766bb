package world

import (
	"math/rand/v2"

	"google.golang.org/protobuf/proto"
)

// seeded is chance that repeats: whole worlds must come out the same from the same seed.
func seeded(a, b uint64) *rand.Rand {
	return rand.New(rand.NewPCG(a, b)) //nolint:gosec // Nothing secret is drawn.
}

// mix is a finaliser of splitmix64: each bit of the answer depends on each of x.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// bits takes a number as it lies in memory.
func bits[N int | int64](n N) uint64 {
	return uint64(n) //nolint:gosec // -1 may become the largest number: protobuf writes the two alike.
}

// unsigned64 and unsigned32 fill protobuf fields with times and counts, which are never negative nor beyond 32 bits until 2106.
func unsigned64[N int | int64](n N) *uint64 {
	return proto.Uint64(bits(n))
}

func unsigned32[N int | int64](n N) *uint32 {
	return proto.Uint32(uint32(n)) //nolint:gosec // See above.
}
