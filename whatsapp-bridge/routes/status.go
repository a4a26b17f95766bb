package routes

import (
	"net/http"
	"time"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type status struct {
	Bridge        string         `json:"bridge"`
	Version       string         `json:"version"`
	State         whatsapp.State `json:"state"`
	Since         string         `json:"since"`
	LoggedIn      bool           `json:"logged_in"`
	JID           string         `json:"jid,omitempty"`
	LID           string         `json:"lid,omitempty"`
	PushName      string         `json:"push_name,omitempty"`
	Reason        string         `json:"reason,omitempty"`
	Resolution    string         `json:"resolution,omitempty"`
	LastEventAt   string         `json:"last_event_at,omitempty"`
	LastMessageAt string         `json:"last_message_at,omitempty"`
	LastStoredAt  string         `json:"last_stored_at,omitempty"`
	NotStored     string         `json:"not_stored,omitempty"`
	QueueDepth    int            `json:"queue_depth"`
	Messages      int64          `json:"messages"`
	Chats         int64          `json:"chats"`
	SQLiteVersion string         `json:"sqlite_version"`
	Emulated      bool           `json:"emulated"`
}

// status says where the link stands and when anything last came in, so that "connected" cannot hide silence.
func (s *Server) status(*http.Request) (status, error) {
	condition := s.whatsapp.Condition()
	own := s.whatsapp.Account()
	activity := s.whatsapp.Activity()
	counts := s.store.Counts()
	return status{
		Bridge: bridgeName, Version: Version,
		State: condition.State, Since: clock(condition.Since), LoggedIn: condition.State == whatsapp.Connected,
		Reason: condition.Reason, Resolution: condition.Resolution,
		JID: own.JID, LID: own.LID, PushName: own.PushName,
		LastEventAt: clock(activity.LastEventAt), LastMessageAt: clock(activity.LastMessageAt), NotStored: activity.Failure,
		LastStoredAt: clock(time.Unix(int64(s.store.LastStoredAt()), 0)),
		QueueDepth:   s.store.QueueDepth() + activity.Pending,
		Messages:     counts.Messages, Chats: counts.Chats,
		SQLiteVersion: s.store.SQLiteVersion(), Emulated: s.whatsapp.Emulated(),
	}, nil
}
