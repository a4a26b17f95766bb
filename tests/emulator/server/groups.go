package server

import (
	"context"
	"net/http"
	"slices"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/world"
)

var forbidden = &refused{403, "forbidden"}

// groups answers questions about groups and communities, which are groups without messages that others name as parent.
func (s *Server) groups(_ context.Context, q *query) ([]binary.Node, *refused) {
	jid := jidAttr(*q.node, "to")
	if q.set {
		return nil, notImplemented
	}
	switch q.child.Tag {
	case "participating":
		return []binary.Node{{Tag: "groups", Content: s.participating()}}, nil
	case "query":
		return s.groupInfo(jid)
	case "sub_groups":
		return s.subGroups(jid)
	case "linked_groups_participants":
		return s.linkedParticipants(jid)
	case "pictures":
		return s.communityPicture(jid, firstChild(&q.child))
	default:
		return nil, notImplemented
	}
}

func (s *Server) participating() []binary.Node {
	var nodes []binary.Node
	for _, community := range s.world.Communities() {
		nodes = append(nodes, s.communityNode(community))
	}
	for _, group := range s.world.Groups() {
		if group.Joined {
			nodes = append(nodes, groupNode(group))
		}
	}
	return nodes
}

func (s *Server) groupInfo(jid types.JID) ([]binary.Node, *refused) {
	if community, ok := s.world.Community(jid); ok {
		return []binary.Node{s.communityNode(community)}, nil
	}
	group, ok := s.world.Group(jid)
	switch {
	case !ok:
		return nil, itemNotFound
	case !group.Joined:
		return nil, forbidden
	default:
		return []binary.Node{groupNode(group)}, nil
	}
}

// subGroups lists a community's groups, those that the account is not in too.
func (s *Server) subGroups(jid types.JID) ([]binary.Node, *refused) {
	if _, ok := s.world.Community(jid); !ok {
		return nil, itemNotFound
	}
	var nodes []binary.Node
	for _, group := range s.world.CommunityGroups(jid) {
		node := binary.Node{Tag: "group", Attrs: binary.Attrs{
			"id": group.JID.User, "subject": group.Name, "s_t": group.Created, "creation": group.Created, "size": len(group.Participants),
		}}
		if group.Announcement {
			node.Content = []binary.Node{{Tag: "default_sub_group"}}
		}
		nodes = append(nodes, node)
	}
	return []binary.Node{{Tag: "sub_groups", Content: nodes}}, nil
}

func (s *Server) linkedParticipants(jid types.JID) ([]binary.Node, *refused) {
	if _, ok := s.world.Community(jid); !ok {
		return nil, itemNotFound
	}
	return []binary.Node{{Tag: "linked_groups_participants", Content: participantNodes(s.communityMembers(jid))}}, nil
}

// communityPicture is asked for in the namespace of groups, unlike all others.
func (s *Server) communityPicture(jid types.JID, asked binary.Node) ([]binary.Node, *refused) {
	community, ok := s.world.Community(jid)
	if !ok || asked.Tag != "picture" {
		return nil, itemNotFound
	}
	node := binary.Node{Tag: "picture", Attrs: binary.Attrs{"status": http.StatusNoContent}}
	if community.Picture != nil {
		node = s.pictureNode(asked, community.Picture)
	}
	return []binary.Node{{Tag: "pictures", Content: []binary.Node{node}}}, nil
}

// communityMembers are the members of all its groups, each once, with the highest rank they have anywhere.
func (s *Server) communityMembers(jid types.JID) []world.Participant {
	var members []world.Participant
	for _, group := range s.world.CommunityGroups(jid) {
		for _, participant := range group.Participants {
			i := slices.IndexFunc(members, func(m world.Participant) bool { return m.LID == participant.LID })
			switch {
			case i < 0:
				members = append(members, participant)
			case members[i].Role == world.RoleMember:
				members[i].Role = participant.Role
			}
		}
	}
	return members
}

func groupNode(group world.Group) binary.Node {
	children := participantNodes(group.Participants)
	children = append(children, describedBy(group.Topic, group.Creator, group.Created)...)
	if !group.Community.IsEmpty() {
		children = append(children, binary.Node{Tag: "linked_parent", Attrs: binary.Attrs{"jid": group.Community}})
	}
	if group.Announcement {
		children = append(children, binary.Node{Tag: "default_sub_group"}, binary.Node{Tag: "announcement"})
	}
	return binary.Node{
		Tag:     "group",
		Attrs:   groupAttrs(group.JID, group.Name, group.Creator, group.Created, len(group.Participants)),
		Content: children,
	}
}

func (s *Server) communityNode(community world.Community) binary.Node {
	members := s.communityMembers(community.JID)
	children := participantNodes(members)
	children = append(children, describedBy(community.Topic, community.Creator, community.Created)...)
	children = append(children, binary.Node{Tag: "parent", Attrs: binary.Attrs{"default_membership_approval_mode": "request_required"}})
	return binary.Node{
		Tag:     "group",
		Attrs:   groupAttrs(community.JID, community.Name, community.Creator, community.Created, len(members)),
		Content: children,
	}
}

func groupAttrs(jid types.JID, name string, creator types.JID, created int64, size int) binary.Attrs {
	attrs := binary.Attrs{
		"id": jid.User, "subject": name, "s_t": created, "creation": created, "size": size,
		"addressing_mode": string(types.AddressingModeLID),
	}
	if !creator.IsEmpty() {
		attrs["creator"], attrs["s_o"] = creator, creator
	}
	return attrs
}

func describedBy(topic string, author types.JID, at int64) []binary.Node {
	if topic == "" {
		return nil
	}
	attrs := binary.Attrs{"id": "1", "t": at}
	if !author.IsEmpty() {
		attrs["participant"] = author
	}
	return []binary.Node{{Tag: "description", Attrs: attrs, Content: []binary.Node{{Tag: "body", Content: []byte(topic)}}}}
}

func participantNodes(participants []world.Participant) []binary.Node {
	nodes := make([]binary.Node, len(participants))
	for i, participant := range participants {
		attrs := binary.Attrs{"jid": participant.LID, "type": string(participant.Role)}
		if !participant.PN.IsEmpty() {
			attrs["phone_number"] = participant.PN
		}
		nodes[i] = binary.Node{Tag: "participant", Attrs: attrs}
	}
	return nodes
}
