package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

const (
	spoolFolder  = "history"
	spoolEnding  = ".notice"
	historyTime  = 10 * time.Minute
	historyRetry = time.Minute
	mostAttempts = 5
)

var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,120}$`)

// keepHistoryNotice writes the notice of pushed history to disk and returns, so that it can be acknowledged at once
// and no live message waits for a history blob to be downloaded and stored. A crash loses nothing: the notice is
// worked off after the next start.
func (c *Client) keepHistoryNotice(event *events.Message) error {
	if !event.Info.IsFromMe || event.Info.Sender.Device != 0 || !plainID.MatchString(event.Info.ID) {
		c.log.Warn("history that did not come from the own phone was refused")
		return nil
	}
	content, err := proto.Marshal(event.Message.GetProtocolMessage().GetHistorySyncNotification())
	if err != nil {
		return fmt.Errorf("encoding a history notice: %w", err)
	}
	name := fmt.Sprintf("%020d-%s%s", time.Now().UnixNano(), event.Info.ID, spoolEnding)
	if err := writeWhole(filepath.Join(c.spool, name), content); err != nil {
		return fmt.Errorf("keeping a history notice: %w", err)
	}
	c.wakeHistory()
	return nil
}

func writeWhole(path string, content []byte) error {
	draft, err := os.OpenFile(path+".draft", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = draft.Write(content)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

func (c *Client) wakeHistory() {
	select {
	case c.historyWaits <- struct{}{}:
	default:
	}
}

// runHistory works off the notices one after another, oldest first, until ctx ends.
func (c *Client) runHistory(ctx context.Context) {
	attempts := map[string]int{}
	for {
		delay := time.Duration(0)
		if err := c.workOffHistory(ctx, attempts); err != nil && ctx.Err() == nil {
			c.log.Warn("pushed history waits", "error", err)
			delay = historyRetry
		}
		var again <-chan time.Time
		if delay > 0 {
			again = time.After(delay)
		}
		select {
		case <-ctx.Done():
			return
		case <-c.historyWaits:
		case <-again:
		}
	}
}

func (c *Client) workOffHistory(ctx context.Context, attempts map[string]int) error {
	notices, err := filepath.Glob(filepath.Join(c.spool, "*"+spoolEnding))
	if err != nil {
		return err
	}
	slices.Sort(notices)
	var waits error
	for _, notice := range notices {
		if err := c.workOffSafely(ctx, notice, attempts); err != nil {
			waits = errors.Join(waits, err)
			continue
		}
		delete(attempts, notice)
		if err := os.Remove(notice); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return waits
}

// workOffSafely turns a panic into an error: what is on disk would otherwise end the bridge at every start.
func (c *Client) workOffSafely(ctx context.Context, path string, attempts map[string]int) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			attempts[path]++
			err = fmt.Errorf("reading pushed history: %v", problem)
		}
	}()
	return c.workOff(ctx, path, attempts)
}

func (c *Client) workOff(ctx context.Context, path string, attempts map[string]int) error {
	ctx, cancel := context.WithTimeout(ctx, historyTime)
	defer cancel()
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	notice := &waE2E.HistorySyncNotification{}
	if err := proto.Unmarshal(content, notice); err != nil {
		c.log.Error("a history notice on disk is damaged and was dropped", "error", err)
		return nil
	}
	id := idOfNotice(path)
	library := c.library()
	if c.Own().JID.IsEmpty() {
		return errors.New("it is read after the bridge is linked")
	}
	external := notice.InitialHistBootstrapInlinePayload == nil
	if external && c.Condition().State != Connected {
		return errors.New("its blob can be downloaded only while connected")
	}
	blob, err := library.DownloadHistorySync(ctx, notice, true)
	attempts[path]++
	if gone(err) || err != nil && attempts[path] >= mostAttempts {
		c.log.Error("pushed history cannot be read; asking the phone for it again", "error", err)
		return library.SendHistorySyncServerErrorReceipt(ctx, id, notice.GetMediaKey())
	}
	if err != nil {
		return fmt.Errorf("downloading pushed history: %w", err)
	}
	if err := c.keepHistory(ctx, notice, blob); err != nil {
		return err
	}
	if c.Condition().State != Connected {
		return nil
	}
	if err := library.SendProtocolMessageReceipt(ctx, id, types.ReceiptTypeHistorySync); err != nil {
		c.log.Warn("the phone was not told that its history arrived", "error", err)
	}
	if external {
		c.discardBlob(ctx, library, notice)
	}
	return nil
}

// discardBlob deletes the blob from WhatsApp's servers, as WhatsApp's own clients do after they read it.
func (c *Client) discardBlob(ctx context.Context, library *whatsmeow.Client, notice *waE2E.HistorySyncNotification) {
	err := library.DeleteMedia(ctx, whatsmeow.MediaHistory, notice.GetDirectPath(), notice.GetFileEncSHA256(), notice.GetEncHandle())
	if err != nil {
		c.log.Warn("a history blob could not be deleted from WhatsApp's servers", "error", err)
	}
}

func gone(err error) bool {
	return errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith403) || errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) ||
		errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410)
}

func idOfNotice(path string) types.MessageID {
	name := filepath.Base(path)
	return name[21 : len(name)-len(spoolEnding)]
}
