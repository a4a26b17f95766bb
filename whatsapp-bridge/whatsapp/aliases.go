package whatsapp

import (
	"context"
	"fmt"
	"sync"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/whatsapp-bridge/store"
)

// devices is whatsmeow's container, but that every LID mapping which a device learns is told to learn. There is no
// event for them, and they come from everywhere: stanzas, usync, groups, history, migrations.
type devices struct {
	*sqlstore.Container
	learn func(context.Context, []waStore.LIDMapping)
}

func (d *devices) first(ctx context.Context) (*waStore.Device, error) {
	device, err := d.GetFirstDevice(ctx)
	if err != nil {
		return nil, err
	}
	d.watch(device)
	return device, nil
}

func (d *devices) fresh() *waStore.Device {
	device := d.NewDevice()
	d.watch(device)
	return device
}

// PutDevice saves a device. The first time, whatsmeow gives it its stores, so the watch is set again.
func (d *devices) PutDevice(ctx context.Context, device *waStore.Device) error {
	err := d.Container.PutDevice(ctx, device)
	d.watch(device)
	return err
}

func (d *devices) watch(device *waStore.Device) {
	device.Container = d
	if _, watched := device.LIDs.(*watchedLIDs); device.LIDs != nil && !watched {
		device.LIDs = &watchedLIDs{LIDStore: device.LIDs, learn: d.learn, known: map[string]string{}}
	}
}

// watchedLIDs tells of each mapping once.
type watchedLIDs struct {
	waStore.LIDStore
	learn func(context.Context, []waStore.LIDMapping)

	mu    sync.Mutex
	known map[string]string
}

// PutLIDMapping stores one mapping.
func (w *watchedLIDs) PutLIDMapping(ctx context.Context, lid, pn types.JID) error {
	w.tell(ctx, []waStore.LIDMapping{{LID: lid, PN: pn}})
	return w.LIDStore.PutLIDMapping(ctx, lid, pn)
}

// PutManyLIDMappings stores several mappings.
func (w *watchedLIDs) PutManyLIDMappings(ctx context.Context, mappings []waStore.LIDMapping) error {
	w.tell(ctx, mappings)
	return w.LIDStore.PutManyLIDMappings(ctx, mappings)
}

func (w *watchedLIDs) tell(ctx context.Context, mappings []waStore.LIDMapping) {
	if news := w.news(mappings); len(news) > 0 {
		w.learn(ctx, news)
	}
}

func (w *watchedLIDs) news(mappings []waStore.LIDMapping) []waStore.LIDMapping {
	w.mu.Lock()
	defer w.mu.Unlock()
	var news []waStore.LIDMapping
	for _, mapping := range mappings {
		lid, pn := mapping.LID, mapping.PN
		if lid.Server != types.HiddenUserServer || pn.Server != types.DefaultUserServer || w.known[lid.User] == pn.User {
			continue
		}
		w.known[lid.User] = pn.User
		news = append(news, mapping)
	}
	return news
}

// learnAliases makes each pair one person in the store. What fails here is made good at the next start.
func (c *Client) learnAliases(ctx context.Context, mappings []waStore.LIDMapping) {
	pairs := make([]store.StoredAlias, 0, len(mappings))
	for _, mapping := range mappings {
		pairs = append(pairs, store.StoredAlias{
			Alias: mapping.LID.ToNonAD().String(), Canonical: mapping.PN.ToNonAD().String(),
		})
	}
	if err := c.store.LearnAliases(context.WithoutCancel(ctx), pairs); err != nil {
		c.log.Error("LID mappings could not be stored", "count", len(pairs), "error", err)
	}
}

// learnKnownAliases tells the store of the mappings that whatsmeow has: a crash may have come between the two.
func (c *Client) learnKnownAliases(ctx context.Context) error {
	rows, err := c.database.QueryContext(ctx, "SELECT lid, pn FROM whatsmeow_lid_map")
	if err != nil {
		return fmt.Errorf("reading the LID mappings: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var mappings []waStore.LIDMapping
	for rows.Next() {
		var lid, pn string
		if err := rows.Scan(&lid, &pn); err != nil {
			return fmt.Errorf("reading a LID mapping: %w", err)
		}
		mappings = append(mappings, waStore.LIDMapping{
			LID: types.NewJID(lid, types.HiddenUserServer), PN: types.NewJID(pn, types.DefaultUserServer),
		})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the LID mappings: %w", err)
	}
	if len(mappings) > 0 {
		c.learnAliases(ctx, mappings)
	}
	return nil
}

// setOwn notes who the account is; its LID and its number are one person too.
func (c *Client) setOwn(ctx context.Context, own Own) {
	c.mu.Lock()
	if own.PushName == "" {
		own.PushName = c.own.PushName
	}
	c.own = own
	c.mu.Unlock()
	if own.JID.IsEmpty() {
		return
	}
	lid := ""
	if !own.LID.IsEmpty() {
		lid = own.LID.String()
	}
	if err := c.store.SetOwn(ctx, own.JID.String(), lid); err != nil {
		c.log.Error("the account's own identity could not be stored", "error", err)
	}
}
