package store

// authorship says that a person wrote in a group, both by number.
type authorship struct{ sender, group int64 }

// noteAuthor keeps who wrote in which group, so that the chats of a person are found whatever the number of messages.
func (t *tx) noteAuthor(sender, group int64) error {
	pair := authorship{sender, group}
	if t.keys.authors[pair] {
		return nil
	}
	if err := t.run("INSERT OR IGNORE INTO authors (sender, group_key) VALUES (?, ?)", sender, group); err != nil {
		return err
	}
	t.keys.putAuthor(pair)
	return nil
}
