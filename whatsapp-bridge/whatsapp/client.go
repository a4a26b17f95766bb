// Package whatsapp holds the link to WhatsApp. It alone imports whatsmeow: what comes in is turned into rows of the
// store as it arrives, what goes out is turned into WhatsApp's messages, and the rest of the bridge knows neither.
package whatsapp

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
	_ "modernc.org/sqlite" // registers the driver of whatsmeow's session store

	"whatsapp-mcp/whatsapp-bridge/media"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// MediaFolder is the folder inside the store's that received files lie in.
const MediaFolder = "media"

// Options are what a Client needs. Emulator is nil but in tests and the demo. SendRoots are the folders that files may
// be sent from, beside the received ones.
type Options struct {
	Folder    string
	SendRoots []string
	Recorder  media.Recorder
	Store     *store.Store
	Emulator  *Emulator
	Log       *slog.Logger
	Terminal  io.Writer

	Limits     Limits
	Recipients Recipients
}

// Client is this device of the account.
type Client struct {
	store    *store.Store
	emulator *Emulator
	log      *slog.Logger
	terminal io.Writer
	database *sql.DB
	devices  *devices
	signals  chan signal
	groups   groupFacts
	flights  flights
	checks   *limiter
	sends    *limiter
	retries  mediaRetries
	outbox   *media.Outbox
	recorder media.Recorder
	words    lastWords
	marks    ownMarks
	states   sync.Mutex

	unsettled unsettled

	firstContacts *limiter
	recipients    Recipients

	account *accountJob
	jobs    *chatJobs

	mu          sync.Mutex
	condition   Condition
	code        string
	codeExpires time.Time
	codesEnd    time.Time
	wa          *whatsmeow.Client
	generation  int
	own         Own
	activity    Activity
	failedAt    time.Time

	spool        string
	mediaFolder  string
	historyWaits chan struct{}
}

// Own is the account's identity as it is known so far; both JIDs without device, empty before linking.
type Own struct {
	JID, LID types.JID
	PushName string
}

// Open opens the session that lies in options.Folder. It connects nothing yet: Run does.
func Open(ctx context.Context, options Options) (*Client, error) {
	database, err := openSession(options.Folder)
	if err != nil {
		return nil, err
	}
	log := libraryLog{options.Log.With("part", "whatsmeow")}
	container := sqlstore.NewWithDB(database, "sqlite3", log.Sub("store"))
	if err := container.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("preparing whatsapp.db: %w", err)
	}
	c := &Client{
		store: options.Store, emulator: options.Emulator, log: options.Log, terminal: options.Terminal,
		database: database, signals: make(chan signal, 64),
		spool: filepath.Join(options.Folder, spoolFolder), historyWaits: make(chan struct{}, 1),
		recorder: options.Recorder, checks: options.Limits.checks(), sends: options.Limits.sends(),
		firstContacts: options.Limits.firstContacts(), recipients: options.Recipients,
	}
	if err := os.MkdirAll(c.spool, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for pushed history: %w", err)
	}
	if err := c.openFolders(options); err != nil {
		return nil, err
	}
	c.devices = &devices{Container: container, learn: c.learnAliases}
	device, err := c.devices.first(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading whatsapp.db: %w", err)
	}
	if err := c.learnKnownAliases(ctx); err != nil {
		return nil, fmt.Errorf("reading whatsapp.db: %w", err)
	}
	waiting, err := options.Store.UnsettledSends(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was sent: %w", err)
	}
	c.unsettled.put(waiting...)
	c.account = newAccountJob(options.Store, options.Log, usualPatience)
	if c.jobs, err = newChatJobs(ctx, options.Store, ownPhone{c}, options.Log, usualPace); err != nil {
		return nil, fmt.Errorf("reading the history jobs: %w", err)
	}
	describeOnce.Do(describeDevice)
	c.use(device)
	c.condition = notPaired()
	if device.ID != nil {
		c.condition = connecting("starting")
		c.setOwn(ctx, Own{JID: device.ID.ToNonAD(), LID: device.LID.ToNonAD(), PushName: device.PushName})
	}
	c.condition.Since = time.Now()
	return c, nil
}

// openFolders makes the folder of received files, and finds those that files may be sent from.
func (c *Client) openFolders(options Options) (err error) {
	if c.mediaFolder, err = filepath.Abs(filepath.Join(options.Folder, MediaFolder)); err != nil {
		return fmt.Errorf("finding the folder of received files: %w", err)
	}
	if err := os.MkdirAll(c.mediaFolder, 0o700); err != nil {
		return fmt.Errorf("making the folder of received files: %w", err)
	}
	c.outbox, err = media.NewOutbox(options.Folder, c.mediaFolder, options.SendRoots)
	if err != nil {
		return fmt.Errorf("finding the folders to send from: %w", err)
	}
	return nil
}

// openSession opens whatsmeow's own database. One connection is enough, and two can meet SQLITE_BUSY in spite of
// the timeout when a reader becomes a writer (whatsmeow#838).
func openSession(folder string) (*sql.DB, error) {
	address := url.URL{
		Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(filepath.Join(folder, "whatsapp.db"))}).EscapedPath(),
		RawQuery: "_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate",
	}
	database, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("opening whatsapp.db: %w", err)
	}
	database.SetMaxOpenConns(1)
	return database, nil
}

var describeOnce sync.Once

// describeDevice sets what the phone shows in its list of linked devices, and asks for history to be ready on demand.
func describeDevice() {
	waStore.SetOSInfo("WhatsApp MCP", [3]uint32{0, 1, 0})
	waStore.DeviceProps.PlatformType = waCompanionReg.DeviceProps_DESKTOP.Enum()
	// Without it at pairing no phone answers on-demand requests (purple-gowhatsapp#280).
	waStore.DeviceProps.HistorySyncConfig.OnDemandReady = proto.Bool(true)
}

// use makes device the one that connects from now on. Events of an earlier one are ignored.
func (c *Client) use(device *waStore.Device) {
	library := whatsmeow.NewClient(device, listeningLog{libraryLog{c.log.With("part", "whatsmeow")}, &c.words})
	library.EnableAutoReconnect = false
	library.DisableLoginAutoReconnect = true
	// An event is acknowledged after its handler returned, and its plaintext is kept until then: what was
	// received before a crash is decrypted and stored after it.
	library.SynchronousAck = true
	library.EnableDecryptedEventBuffer = true
	library.ManualHistorySyncDownload = true
	library.DisableManualHistorySyncReceipt = true
	library.EmitAppStateEventsOnFullSync = true
	library.AutomaticMessageRerequestFromPhone = true
	library.UseRetryMessageStore = true
	library.GetMessageForRetry = c.messageForRetry
	if c.emulator != nil {
		c.emulator.hook(library)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	generation := c.generation
	c.wa = library
	library.AddEventHandlerWithSuccessStatus(func(event any) bool {
		return c.handle(generation, event)
	})
}

// newDevice forgets the session there is, if any, and makes a device without one.
func (c *Client) newDevice(ctx context.Context) error {
	old := c.library()
	old.Disconnect()
	if old.Store.ID != nil && !old.Store.Deleted {
		if err := old.Store.Delete(ctx); err != nil {
			return fmt.Errorf("deleting the session's keys: %w", err)
		}
	}
	c.use(c.devices.fresh())
	return nil
}

// Close closes the session's database. Run must have returned.
func (c *Client) Close() error { return c.database.Close() }

// Condition gives the state of the link.
func (c *Client) Condition() Condition {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.condition
}

// Own gives the account's identity.
func (c *Client) Own() Own {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.own
}

// Activity is what has come in since this process began.
type Activity struct {
	// LastEventAt is when WhatsApp last said something beyond keeping the connection.
	LastEventAt time.Time
	// LastMessageAt is the server's time of the newest message of a direct chat or group that came live, or was sent.
	// Every companion of the account gets these, so that two of them can be compared.
	LastMessageAt time.Time
	// Pending counts the events that are being stored.
	Pending int
	// Failure says why the last event could not be stored, while nothing was stored since.
	Failure string
}

// Activity takes a look.
func (c *Client) Activity() Activity {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.activity
	if c.store.StoredSince(c.failedAt) {
		seen.Failure = ""
	}
	return seen
}

// heard notes a message that every companion of the account gets.
func (c *Client) heard(chat types.JID, at time.Time) {
	switch chat.Server {
	case types.DefaultUserServer, types.HiddenUserServer, types.GroupServer:
	default:
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.activity.LastEventAt = time.Now()
	if at.After(c.activity.LastMessageAt) {
		c.activity.LastMessageAt = at
	}
}

// notStored notes that an event could not be stored.
func (c *Client) notStored(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.activity.Failure, c.failedAt = reason, time.Now()
}

// Emulated tells whether the bridge speaks to an emulator.
func (c *Client) Emulated() bool { return c.emulator != nil }

func (c *Client) setCondition(condition Condition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.condition.State == condition.State {
		condition.Since = c.condition.Since
	} else {
		condition.Since = time.Now()
		c.log.Info("state", "state", condition.State, "reason", condition.Reason)
	}
	c.condition = condition
}

func (c *Client) library() *whatsmeow.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wa
}

func (c *Client) currentGeneration() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation
}

func (c *Client) post(ctx context.Context, event signal) error {
	select {
	case c.signals <- event:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Account is the account as it is shown; empty before linking.
type Account struct{ JID, LID, PushName string }

// Account gives the account that this device belongs to.
func (c *Client) Account() Account {
	own := c.Own()
	account := Account{PushName: own.PushName}
	if !own.JID.IsEmpty() {
		account.JID = own.JID.String()
	}
	if !own.LID.IsEmpty() {
		account.LID = own.LID.String()
	}
	return account
}
