import { Fault } from "../fault.js";
import { rfc3339 } from "../time.js";
import type { Bridge, Call } from "./bridge.js";

interface TextToSend {
  chat_jid: string;
  text: string;
  quoted_message_id?: string;
  mentions?: string[];
}

const LONGEST_TEXT = 65_536;

interface SentMessage {
  status: "sent" | "unacknowledged";
  message_id: string;
  chat_jid: string;
  chat_name: string;
  timestamp: string;
}

/** Sends a text once, as an answer where a message is quoted that is held here. */
export async function sendText(
  { client, store }: Bridge,
  { body, key }: Call<unknown, unknown, TextToSend>,
): Promise<SentMessage> {
  if ([...body.text].length > LONGEST_TEXT) throw new Fault("TEXT_TOO_LONG");
  const sent = await client.outbox.send({
    chat: body.chat_jid,
    text: body.text,
    quotedId: body.quoted_message_id,
    mentions: body.mentions ?? [],
    key,
  });
  return {
    status: sent.status === "sent" ? "sent" : "unacknowledged",
    message_id: sent.message_id,
    chat_jid: sent.chat_jid,
    chat_name: store.nameOf(sent.chat_jid),
    timestamp: rfc3339(sent.sent_at),
  };
}
