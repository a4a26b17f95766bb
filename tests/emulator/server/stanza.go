package server

import (
	"fmt"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// attr is an attribute as text, "" when it is not there.
func attr(node binary.Node, name string) string {
	switch value := node.Attrs[name].(type) {
	case nil:
		return ""
	case string:
		return value
	case types.JID:
		return value.String()
	default:
		return fmt.Sprint(value)
	}
}

// jidAttr is an attribute as JID. A client may write one as text too.
func jidAttr(node binary.Node, name string) types.JID {
	switch value := node.Attrs[name].(type) {
	case types.JID:
		return value
	case string:
		jid, err := types.ParseJID(value)
		if err != nil {
			return types.EmptyJID
		}
		return jid
	default:
		return types.EmptyJID
	}
}

func content(node binary.Node) []byte {
	switch value := node.Content.(type) {
	case []byte:
		return value
	case string:
		return []byte(value)
	default:
		return nil
	}
}

func firstChild(node *binary.Node) binary.Node {
	children := node.GetChildren()
	if len(children) == 0 {
		return binary.Node{}
	}
	return children[0]
}

func ib(children ...binary.Node) binary.Node {
	return binary.Node{Tag: "ib", Attrs: binary.Attrs{"from": types.ServerJID}, Content: children}
}

// streamError ends a connection; with a conflict the code may be empty.
func streamError(code, conflict string) binary.Node {
	node := binary.Node{Tag: "stream:error", Attrs: binary.Attrs{}}
	if code != "" {
		node.Attrs["code"] = code
	}
	if conflict != "" {
		node.Content = []binary.Node{{Tag: "conflict", Attrs: binary.Attrs{"type": conflict}}}
	}
	return node
}

// failure refuses a login.
func failure(reason string) binary.Node {
	return binary.Node{Tag: "failure", Attrs: binary.Attrs{"reason": reason, "location": "emu"}}
}
