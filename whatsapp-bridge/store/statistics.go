package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"
)

const busiestChats = 10

// Statistics counts the messages of the whole store, or of one chat: what the user typed, or "". Hours and
// months are those of the host's time zone, each message's by what the clocks there showed at its own moment. Months
// without messages are left out.
//
// Errors: those of ResolveChat; CHAT_NOT_FOUND also for a person without a chat.
func (s *Store) Statistics(ctx context.Context, chat string) (found Statistics, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.statistics(chat)
		return err
	})
	return found, err
}

// counted is what one pass over the rows counts.
type counted struct {
	first, last int64 // seconds, 0 without rows
	fromMe      int64
	senders     map[int64]struct{}
	kinds       map[string]int64
	hours       [24]int64
	months      []MonthCount
}

// month counts a message; seconds come in the order of time. The end of its month is found once for all its messages.
func (c *counted) month(second int64, ends *int64) {
	if second >= *ends {
		year, month, _ := time.Unix(second, 0).Date()
		first := time.Date(year, month, 1, 0, 0, 0, 0, time.Local)
		c.months = append(c.months, MonthCount{Month: first.Format("2006-01")})
		*ends = first.AddDate(0, 1, 0).Unix()
	}
	c.months[len(c.months)-1].Messages++
}

func (q *question) statistics(chat string) (Statistics, error) {
	where, args := " FROM message_rows NOT INDEXED", []value{}
	perChat := "SELECT chat, COUNT(*) FROM message_rows GROUP BY chat"
	if chat != "" {
		found, err := q.findChat(chat, false)
		if err != nil {
			return Statistics{}, err
		}
		numbers, err := q.keysOf(found.Chat.JID)
		if err != nil {
			return Statistics{}, err
		}
		args = []value{slices.Concat(numbers, []int64{0})[0]}
		where = " FROM message_rows INDEXED BY message_rows_chat WHERE chat = ?"
		perChat = "SELECT chat, COUNT(*) FROM message_rows WHERE chat = ? GROUP BY chat"
	}
	var found Statistics
	if err := q.countChats(perChat, args, &found); err != nil {
		return found, err
	}
	count, err := q.countRows(where, args)
	if err != nil {
		return found, err
	}
	found.FromMe = count.fromMe
	found.ByKind = []KindCount{}
	for kind, messages := range count.kinds {
		found.ByKind = append(found.ByKind, KindCount{kind, messages})
	}
	slices.SortFunc(found.ByKind, func(a, b KindCount) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Kind, b.Kind))
	})
	found.BusiestHours = []HourCount{}
	for hour, messages := range count.hours {
		if messages > 0 {
			found.BusiestHours = append(found.BusiestHours, HourCount{hour, messages})
		}
	}
	slices.SortStableFunc(found.BusiestHours, func(a, b HourCount) int { return cmp.Compare(b.Messages, a.Messages) })
	found.ByMonth = count.months
	found.FirstAt, found.LastAt = Time(count.first), Time(count.last)
	found.People, err = q.countPeople(count.senders)
	return found, err
}

// countChats counts messages and chats from the index alone, and names the busiest.
func (q *question) countChats(query string, args []value, found *Statistics) error {
	type chatRows struct{ number, messages int64 }
	var all []chatRows
	err := q.each(query, args, func(row scanner) error {
		var c chatRows
		err := row.Scan(&c.number, &c.messages)
		all = append(all, c)
		found.Messages += c.messages
		return err
	})
	if err != nil {
		return err
	}
	found.Chats = int64(len(all))
	slices.SortFunc(all, func(a, b chatRows) int {
		return cmp.Or(cmp.Compare(b.messages, a.messages), cmp.Compare(a.number, b.number))
	})
	all = all[:min(busiestChats, len(all))]
	shown := make(map[int64]person, len(all))
	for _, c := range all {
		shown[c.number] = person{}
	}
	if _, err := q.loadPeople(shown); err != nil {
		return err
	}
	found.BusiestChats = make([]ChatCount, len(all))
	for i, c := range all {
		found.BusiestChats[i] = ChatCount{ChatJID: shown[c.number].jid, ChatName: shown[c.number].name, Messages: c.messages}
	}
	return nil
}

// countRows passes the rows once. A row comes as one number, because each value that leaves SQLite costs as much as
// finding its row: 32 bits of the second, 30 of the sender, one of from_me. The kind comes only where it is not the
// usual one.
func (q *question) countRows(where string, args []value) (counted, error) {
	count := counted{senders: make(map[int64]struct{}), kinds: make(map[string]int64), months: []MonthCount{}}
	var texts, monthEnds int64
	var kind sql.NullString
	var packed int64
	err := q.each("SELECT (key >> 16 << 31) + (sender << 1) + from_me, NULLIF(kind, '"+KindText+"')"+where+" ORDER BY key", args,
		func(row scanner) error {
			if err := row.Scan(&packed, &kind); err != nil {
				return err
			}
			second := packed >> 31
			if count.first == 0 {
				count.first = second
			}
			count.last = second
			count.hours[time.Unix(second, 0).Hour()]++
			count.month(second, &monthEnds)
			count.fromMe += packed & 1
			count.senders[packed>>1&(1<<30-1)] = struct{}{}
			if kind.Valid {
				count.kinds[kind.String]++
			} else {
				texts++
			}
			return nil
		})
	if texts > 0 {
		count.kinds[KindText] = texts
	}
	return count, err
}

// countPeople counts senders who are persons; the numbers of one person count once.
func (q *question) countPeople(senders map[int64]struct{}) (int64, error) {
	known := make(map[string]struct{}, len(senders))
	err := q.each(`SELECT COALESCE(a.canonical, j.jid) FROM json_each(?) e CROSS JOIN jids j ON j.key = e.value
		LEFT JOIN jid_aliases a ON a.alias = j.jid`, []value{jsonKeys(slices.Collect(maps.Keys(senders)))}, func(row scanner) error {
		var jid string
		err := row.Scan(&jid)
		if kindOfChat(jid) == ChatDirect {
			known[jid] = struct{}{}
		}
		return err
	})
	return int64(len(known)), err
}
