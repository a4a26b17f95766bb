package store

import (
	"context"
	"sync"
)

// readers are the connections that questions are asked on. The one that was used last is taken first: its pages, and the
// processor's own memory of them, are warm. Taken in turn, each question met the pages of another connection and a walk
// over 500 chats took twice as long.
type readers struct {
	free chan struct{}
	lock sync.Mutex
	idle []*conn
}

func newReaders() *readers { return &readers{free: make(chan struct{}, readerCount)} }

func (r *readers) take(ctx context.Context) (*conn, error) {
	select {
	case <-r.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	last := len(r.idle) - 1
	c := r.idle[last]
	r.idle = r.idle[:last]
	return c, nil
}

func (r *readers) give(c *conn) {
	r.lock.Lock()
	r.idle = append(r.idle, c)
	r.lock.Unlock()
	r.free <- struct{}{}
}

// all takes every connection, as soon as nobody asks on it.
func (r *readers) all() []*conn {
	taken := make([]*conn, 0, readerCount)
	for range readerCount {
		c, _ := r.take(context.Background()) // cannot fail: this context has no end
		taken = append(taken, c)
	}
	return taken
}
