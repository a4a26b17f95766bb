package store

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// small are the scans that do not grow with the messages: of the search index for a term, of what was asked with, of what
// was found so far, of the chats, which are few, and of the absences, which are fewer.
var small = regexp.MustCompile(`^SCAN (f VIRTUAL TABLE INDEX \d+:\S*M|e VIRTUAL TABLE|CONSTANT ROW|\(subquery|chats$|absences$|[wsp]\b)`)

// plans gives the steps of every question that readers have asked.
func plans(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	steps := map[string][]string{}
	all := s.readers.all()
	for _, c := range all {
		defer s.readers.give(c)
		for query := range c.statements {
			if strings.HasPrefix(query, "SELECT") || strings.HasPrefix(query, "WITH") {
				steps[query] = nil
			}
		}
	}
	c := all[0]
	for query := range steps {
		rows, err := c.raw.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query, make([]value, strings.Count(query, "?"))...)
		if err != nil {
			t.Errorf("%v\n\tin %s", err, query)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Error(err)
			}
			steps[query] = append(steps[query], step)
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
	}
	return steps
}

// explained gives the steps that pass over a whole table.
func explained(t *testing.T, s *Store) string {
	t.Helper()
	var scans strings.Builder
	for query, steps := range plans(t, s) {
		for _, step := range steps {
			if strings.HasPrefix(step, "SCAN") && !small.MatchString(step) {
				fmt.Fprintf(&scans, "%s\n\tin %s\n", step, query)
			}
		}
	}
	return scans.String()
}

func planned(t *testing.T) *Store {
	t.Helper()
	s, err := Open(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, chat := range []string{"15550100@s.whatsapp.net", "120363000000000001@g.us"} {
		if err := s.SaveMessage(context.Background(), StoredMessage{
			ChatJID: chat, ID: "M", SenderJID: "15550100@s.whatsapp.net", Timestamp: 1_750_000_000 + int64(i), Kind: KindText, Text: "hello",
		}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestWhatIsAskedOfAPersonIsSoughtInIndexesAndNeverScanned(t *testing.T) {
	s := planned(t)
	ctx := context.Background()
	const person = "15550100@s.whatsapp.net"
	for name, ask := range map[string]func() error{
		"last interaction": func() error { _, err := s.LastInteraction(ctx, person); return err },
		"chats":            func() error { _, err := s.ContactChats(ctx, person, 20, 0); return err },
		"direct chat":      func() error { _, err := s.DirectChat(ctx, person); return err },
		"checkpoints": func() error {
			_, err := s.Checkpoints(ctx, 1, sealCursor(cursorData{List: "checkpoints", ID: "1"}))
			return err
		},
		"a checkpoint": func() error {
			if err := s.LinkEnded(ctx, false); err != nil {
				return err
			}
			_, err := s.Checkpoint(ctx, person)
			return err
		},
		"one chat": func() error { _, err := s.FindChat(ctx, person, true); return err },
		"a chat's messages": func() error {
			_, err := s.ListMessages(ctx, MessageQuery{Chat: person, ContextBefore: 1, ContextAfter: 1})
			return err
		},
		"a sender's messages": func() error {
			_, err := s.ListMessages(ctx, MessageQuery{Sender: person, Query: "hello"})
			return err
		},
	} {
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if scans := explained(t, s); scans != "" {
			t.Errorf("%s scans:\n%s", name, scans)
		}
	}
	if _, err := s.Statistics(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if scans := explained(t, s); !strings.Contains(scans, "SCAN message_rows") {
		t.Errorf("a pass over all messages is not noticed:\n%s", scans)
	}
}

// The list is a walk backwards through one index, from the cursor on: nothing is sorted, and nothing before it is read.
func TestAPageOfChatsIsAWalkThroughAnIndex(t *testing.T) {
	s := planned(t)
	ctx := context.Background()
	for name, query := range map[string]ChatQuery{
		"all":                  {},
		"outside the archive":  {Archived: new(bool)},
		"with unread messages": {Archived: new(bool), UnreadOnly: true},
		"after another page":   {Archived: new(bool), Limit: 1},
	} {
		page, err := s.ListChats(ctx, query)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if query.Cursor = page.NextCursor; query.Cursor != "" {
			if _, err := s.ListChats(ctx, query); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	asked := 0
	for query, steps := range plans(t, s) {
		if !strings.Contains(query, "ORDER BY ch.last_message_at DESC") {
			continue
		}
		asked++
		if plan := strings.Join(steps, "; "); !walked.MatchString(plan) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\n\tin %s", plan, query)
		}
	}
	if asked < 4 {
		t.Errorf("%d lists were asked for", asked)
	}
}

var walked = regexp.MustCompile(`^(SCAN|SEARCH) ch USING INDEX chats_active\b`)
