package store

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func emptyConn(t *testing.T) *conn {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(t.TempDir(), FileName)))
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
