package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func emptyConn(t *testing.T) *conn {
	t.Helper()
	return connIn(t, t.TempDir())
}

func connIn(t *testing.T, dir string) *conn {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, FileName)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{raw: raw, statements: make(map[string]*sql.Stmt)}
	t.Cleanup(func() {
		c.close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// shape is what a schema amounts to: its objects without comments and spaces.
func shape(t *testing.T, c *conn) string {
	t.Helper()
	var out strings.Builder
	err := c.each(context.Background(), "SELECT type, name, COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name", nil,
		func(row scanner) error {
			var kind, name, text string
			err := row.Scan(&kind, &name, &text)
			out.WriteString(kind + " " + name + " " + strings.Join(strings.Fields(text), " ") + "\n")
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheOldestSchemaWithAllUpgradesIsTheSchema(t *testing.T) {
	fresh, upgraded := emptyConn(t), emptyConn(t)
	if err := apply(context.Background(), fresh, schema, latestVersion(upgrades)); err != nil {
		t.Fatal(err)
	}
	if err := upgrade(context.Background(), upgraded, upgrades, 0); err != nil {
		t.Fatal(err)
	}
	wanted, got := strings.Split(shape(t, fresh), "\n"), strings.Split(shape(t, upgraded), "\n")
	for i := range min(len(wanted), len(got)) {
		if wanted[i] != got[i] {
			t.Errorf("schema.sql has\n%s\nthe upgrades have\n%s", wanted[i], got[i])
		}
	}
	if len(wanted) != len(got) {
		t.Errorf("schema.sql has %d objects, the upgrades %d", len(wanted), len(got))
	}
	version, err := versionOf(context.Background(), upgraded)
	if err != nil || version != latestVersion(upgrades) {
		t.Errorf("version %d, %v", version, err)
	}
}

func TestAStoreThatWasUpgradedAnswersAsBefore(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	old := fstest.MapFS{}
	for _, name := range upgradeFiles(upgrades)[:3] {
		text, err := fs.ReadFile(upgrades, name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	c := connIn(t, dir)
	for _, err := range []error{
		c.execute(ctx, "PRAGMA journal_mode(WAL)"),
		upgrade(ctx, c, old, 0),
		c.execute(ctx, `INSERT INTO jids (key, jid) VALUES (1, '15550100@s.whatsapp.net'), (2, '120363000000000001@g.us');
			INSERT INTO chats (jid, kind, name) VALUES ('15550100@s.whatsapp.net', 'direct', NULL), ('120363000000000001@g.us', 'group', 'Rowing');
			INSERT INTO message_rows (key, chat, id, sender, from_me, source, kind, text, file_name) VALUES
				(1750000000 << 16, 1, 'A12345', 1, 0, 1, 'text', 'a lantern', NULL),
				(1750000001 << 16, 2, 'B12345', 1, 0, 1, 'document', NULL, 'Lantern.pdf')`),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for wanted, query := range map[string]MessageQuery{
		"[B12345 A12345]": {Query: "lantern"},
		"[B12345]":        {Query: "lantern", Chat: "120363000000000001@g.us", MediaType: "document"},
		"[A12345]":        {Query: "lantern", Chat: "15550100@s.whatsapp.net", Sender: "15550100@s.whatsapp.net"},
	} {
		page, err := s.ListMessages(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, hit := range page.Messages {
			found = append(found, hit.ID)
		}
		if fmt.Sprint(found) != wanted {
			t.Errorf("%+v found %v", query, found)
		}
	}
	chats, err := s.ContactChats(ctx, "15550100@s.whatsapp.net", 10, 0)
	if err != nil || chats.Total != 2 {
		t.Errorf("chats of the writer: %+v, %v", chats, err)
	}
	around, err := s.Context(ctx, "", "B12345", 1, 1)
	if err != nil || around.Message.ID != "B12345" {
		t.Errorf("by its id: %+v, %v", around, err)
	}
}

func steps(texts ...string) fs.FS {
	files := fstest.MapFS{}
	names := []string{"upgrades/0001_first.sql", "upgrades/0002_second.sql", "upgrades/0010_tenth.sql"}
	for i, text := range texts {
		files[names[i]] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestUpgradesRunInOrderFromWhereTheStoreIs(t *testing.T) {
	c := emptyConn(t)
	ctx := context.Background()
	files := steps("CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2);", "UPDATE a SET y = 3")
	if err := apply(ctx, c, "CREATE TABLE a (x)", 1); err != nil {
		t.Fatal(err)
	}
	if err := upgrade(ctx, c, files, 1); err != nil {
		t.Fatal(err)
	}
	var y, version int
	if err := c.row(ctx, "SELECT y FROM a").Scan(&y); err != nil || y != 3 {
		t.Errorf("y = %d, %v", y, err)
	}
	if err := c.row(ctx, "PRAGMA user_version").Scan(&version); err != nil || version != 10 {
		t.Errorf("version %d, %v", version, err)
	}
}

func TestAnUpgradeThatFailsLeavesTheStoreAsItWas(t *testing.T) {
	c := emptyConn(t)
	ctx := context.Background()
	files := steps("CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);")
	if err := upgrade(ctx, c, files, 0); err == nil {
		t.Fatal("no error")
	}
	version, err := versionOf(ctx, c)
	if err != nil || version != 1 {
		t.Errorf("version %d, %v", version, err)
	}
	if strings.Contains(shape(t, c), "table b") {
		t.Error("half an upgrade stayed")
	}
}
