package routes

import (
	"net/http"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

type newsletterRef struct {
	Newsletter string `json:"newsletter"`
}

func (s *Server) newsletter(r *http.Request) (whatsapp.Newsletter, error) {
	return s.whatsapp.Newsletter(r.Context(), queryOf(r).text("newsletter"))
}

func (s *Server) followNewsletter(r *http.Request) (whatsapp.Newsletter, error) {
	body, err := decode[newsletterRef](r)
	if err != nil {
		return whatsapp.Newsletter{}, err
	}
	return s.whatsapp.FollowNewsletter(r.Context(), body.Newsletter)
}

func (s *Server) unfollowNewsletter(r *http.Request) (whatsapp.Newsletter, error) {
	body, err := decode[newsletterRef](r)
	if err != nil {
		return whatsapp.Newsletter{}, err
	}
	return s.whatsapp.UnfollowNewsletter(r.Context(), body.Newsletter)
}

type newsletterToMake struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func (s *Server) createNewsletter(r *http.Request) (whatsapp.Newsletter, error) {
	body, err := decode[newsletterToMake](r)
	if err != nil {
		return whatsapp.Newsletter{}, err
	}
	return s.whatsapp.CreateNewsletter(r.Context(), body.Name, body.Description)
}

type postToReactTo struct {
	newsletterRef
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

func (s *Server) reactToPost(r *http.Request) (whatsapp.NewsletterReaction, error) {
	body, err := decode[postToReactTo](r)
	if err != nil {
		return whatsapp.NewsletterReaction{}, err
	}
	return s.whatsapp.ReactToPost(r.Context(), body.Newsletter, body.MessageID, body.Emoji)
}
