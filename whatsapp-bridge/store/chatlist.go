package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

const (
	chatColumns = `ch.jid, ch.kind, COALESCE(ch.community_jid, ''), COALESCE(ch.archived, 0), COALESCE(ch.pinned, 0),
		COALESCE(ch.muted_until, 0), ch.unread_count, ch.last_message_at, ` + nameColumns
	chatTables = " FROM chats ch LEFT JOIN contacts ct ON ct.jid = ch.jid"
	// chatListed leaves out communities, which are no conversations, and groups that the account is not in, unless
	// they hold messages.
	chatListed = "(ch.last_message_at > 0 OR ch.kind <> 'community' AND ch.joined IS NOT 0)"
	sortName   = "COALESCE(ct.folded, NULLIF(ch.folded, ''), ch.jid)"
)

// Forever is the end of a mute that has none, 9999-12-31.
const Forever = Time(253402300799)

func (q *question) scanChat(row scanner, more ...value) (Chat, error) {
	var c Chat
	var n names
	columns := append([]value{
		&c.JID, &c.Kind, &c.CommunityJID, &c.Archived, &c.Pinned, &c.MutedUntil, &c.UnreadCount, &c.LastMessageAt,
	}, n.columns()...)
	if err := row.Scan(append(columns, more...)...); err != nil {
		return c, err
	}
	c.Name = n.shown(c.JID)
	if c.MutedUntil < 0 {
		c.MutedUntil = Forever
	}
	return c, nil
}

// addAddresses adds the other forms of people's JIDs.
func (q *question) addAddresses(chats []Chat) error {
	var people []string
	for _, c := range chats {
		if c.Kind == ChatDirect {
			people = append(people, c.JID)
		}
	}
	others := make(map[string][]string)
	err := q.each("SELECT canonical, alias FROM jid_aliases WHERE canonical IN (SELECT e.value FROM json_each(?) e) ORDER BY alias",
		[]value{jsonTexts(people)}, func(row scanner) error {
			var canonical, alias string
			err := row.Scan(&canonical, &alias)
			others[canonical] = append(others[canonical], alias)
			return err
		})
	for i := range chats {
		if c := &chats[i]; c.Kind == ChatDirect {
			c.LID, c.Phone = firstLID(append([]string{c.JID}, others[c.JID]...)), phoneOf(c.JID)
		}
	}
	return err
}

// Chat gives one chat. jid may have any form. CHAT_NOT_FOUND.
func (s *Store) Chat(ctx context.Context, jid string) (found Chat, err error) {
	err = s.read(ctx, func(q *question) error {
		canonical, err := q.canonical(jid)
		if err != nil {
			return err
		}
		one, err := q.chat(canonical, false)
		found = one.Chat
		return err
	})
	return found, err
}

// FindChat gives one chat by what the user typed: JID, phone number or name.
//
// Errors: those of ResolveChat; CHAT_NOT_FOUND also for a person who is known from groups alone.
func (s *Store) FindChat(ctx context.Context, text string, lastMessage bool) (found OneChat, err error) {
	err = s.read(ctx, func(q *question) error {
		found, err = q.findChat(text, lastMessage)
		return err
	})
	return found, err
}

func (q *question) findChat(text string, lastMessage bool) (OneChat, error) {
	found, err := q.resolveKnown(text)
	if err != nil {
		return OneChat{}, err
	}
	return q.chat(found.JID, lastMessage)
}

func (q *question) chat(canonical string, lastMessage bool) (OneChat, error) {
	c, err := q.scanChat(q.row("SELECT "+chatColumns+chatTables+" WHERE ch.jid = ?", canonical))
	if errors.Is(err, sql.ErrNoRows) {
		return OneChat{}, q.noChat(canonical)
	}
	if err != nil {
		return OneChat{}, err
	}
	one := []Chat{c}
	if err := q.addAddresses(one); err != nil {
		return OneChat{}, err
	}
	if lastMessage {
		err = q.addLastMessages(one)
	}
	return OneChat{one[0]}, err
}

// noChat is the error for a JID without a chat. A person may still be known from groups.
func (q *question) noChat(canonical string) error {
	found, err := q.describe(canonical)
	switch {
	case err != nil:
		return err
	case !found.Known || kindOfChat(canonical) != ChatDirect:
		return unknown(canonical)
	}
	return fault.New(fault.ChatNotFound, "there is no one-to-one chat with "+found.Name).
		WithResolution("List the groups that are shared with this person: get_contact_chats.")
}

// Sorts of chats.
const (
	SortLastActive = "last_active"
	SortName       = "name"
)

// Limits of lists.
const (
	defaultLimit = 20
	maxLimit     = 200
)

// ListChats lists conversations, the most recently active first, or by name. A query finds chats whose name holds it,
// or whose number does.
func (s *Store) ListChats(ctx context.Context, query ChatQuery) (page ChatPage, err error) {
	if query.Limit, err = checkLimit(query.Limit, query.Page, 0); err != nil {
		return page, err
	}
	if query.Sort == "" {
		query.Sort = SortLastActive
	}
	if query.Sort != SortLastActive && query.Sort != SortName {
		return page, fault.Argument("sort_by", "is last_active or name")
	}
	cursor, err := openCursor(query.Cursor, "chats", query.Sort)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(q *question) error {
		page, err = q.listChats(query, cursor)
		return err
	})
	return page, err
}

func checkLimit(limit, page, offset int) (int, error) {
	switch {
	case limit == 0:
		limit = defaultLimit
	case limit < 0 || limit > maxLimit:
		return 0, fault.Argument("limit", fmt.Sprintf("is 1 to %d", maxLimit))
	}
	if page < 0 {
		return 0, fault.Argument("page", "is 0 or more")
	}
	if offset < 0 {
		return 0, fault.Argument("offset", "is 0 or more")
	}
	return limit, nil
}

func (q *question) listChats(query ChatQuery, cursor cursor) (ChatPage, error) {
	page := ChatPage{Chats: []Chat{}}
	where, args, possible := chatFilter(query)
	if !possible {
		return page, nil
	}
	if err := q.row("SELECT COUNT(*)"+chatTables+" WHERE "+where, args...).Scan(&page.Total); err != nil {
		return page, err
	}
	order := "ch.last_message_at DESC, ch.jid DESC"
	if query.Sort == SortName {
		order = sortName + ", ch.jid"
	}
	if cursor.set {
		if query.Sort == SortName {
			where += " AND (" + sortName + ", ch.jid) > (?, ?)"
			args = append(args, cursor.Text, cursor.ID)
		} else {
			where += " AND (ch.last_message_at, ch.jid) < (?, ?)"
			args = append(args, cursor.Number, cursor.ID)
		}
	}
	args = append(args, query.Limit+1, query.Page*query.Limit)
	var sortKeys []string
	err := q.each("SELECT "+chatColumns+", "+sortName+chatTables+" WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", args,
		func(row scanner) error {
			var sortKey string
			c, err := q.scanChat(row, &sortKey)
			page.Chats = append(page.Chats, c)
			sortKeys = append(sortKeys, sortKey)
			return err
		})
	if err != nil {
		return page, err
	}
	if len(page.Chats) > query.Limit {
		page.Chats = page.Chats[:query.Limit]
		last := page.Chats[query.Limit-1]
		page.NextCursor = sealCursor(cursorData{
			List: "chats", Sort: query.Sort, Text: sortKeys[query.Limit-1], Number: int64(last.LastMessageAt), ID: last.JID,
		})
	}
	if err := q.addAddresses(page.Chats); err != nil {
		return page, err
	}
	if query.IncludeLastMessage {
		return page, q.addLastMessages(page.Chats)
	}
	return page, nil
}

// chatFilter writes what a question asks of a chat; it is false where nothing can fit.
func chatFilter(query ChatQuery) (where string, args []value, possible bool) {
	where = chatListed
	if query.Archived != nil {
		where += " AND COALESCE(ch.archived, 0) = ?"
		args = append(args, *query.Archived)
	}
	if query.UnreadOnly {
		where += " AND ch.unread_count > 0"
	}
	if query.Query == "" {
		return where, args, true
	}
	needle := foldName(query.Query)
	where += " AND (instr(ch.folded, ?) > 0 OR instr(ct.folded, ?) > 0)"
	return where, append(args, needle, needle), needle != ""
}

// foldName folds what is searched among names. A phone number is searched by its digits alone.
func foldName(text string) string {
	if looksLikePhone(text) {
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, text)
		if len(digits) > 2 {
			return digits
		}
	}
	return Fold(text)
}

// newestOf is the rows of the newest second of chats, ?1 their JIDs as JSON.
const newestOf = `SELECT j.jid, m.key, m.id FROM json_each(?1) e CROSS JOIN jids j ON j.jid = e.value
	CROSS JOIN message_rows m INDEXED BY message_rows_chat ON m.chat = j.key AND m.key >= (
		SELECT MAX(n.key) >> 16 << 16 FROM message_rows n INDEXED BY message_rows_chat WHERE n.chat = j.key)`

func (q *question) addLastMessages(chats []Chat) error {
	jids := make([]string, len(chats))
	for i, c := range chats {
		jids[i] = c.JID
	}
	last := make(map[string]place, len(chats))
	err := q.each(newestOf, []value{jsonTexts(jids)}, func(row scanner) error {
		var jid string
		var p place
		err := row.Scan(&jid, &p.key, &p.id)
		if comparePlaces(p, last[jid]) > 0 {
			last[jid] = p
		}
		return err
	})
	if err != nil {
		return err
	}
	keys := make([]int64, 0, len(last))
	for _, p := range last {
		keys = append(keys, p.key)
	}
	messages, err := q.messages(keys, true)
	if err != nil {
		return err
	}
	for i := range chats {
		if m, ok := messages[last[chats[i].JID].key]; ok {
			chats[i].LastMessage = &m
		}
	}
	return nil
}
