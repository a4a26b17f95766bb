// Drawn from unified-mcp/errors.py by `make docs`; not edited by hand.

/** Every error code with its HTTP status, its meaning and what to do about it. */
export const CODES = {
  BRIDGE_UNREACHABLE: {
    status: 502,
    meaning: "Nothing answers at the bridge's address.",
    cure: "Start the bridge, then call again.",
  },
  BRIDGE_UNTRUSTED: {
    status: 502,
    meaning: "What answers at the bridge's address could not prove that it holds the token.",
    cure: "Stop the program that holds the port, or point the settings at the bridge and its token file.",
  },
  BRIDGE_TIMEOUT: {
    status: 504,
    meaning: "The bridge took the request and did not answer in time; it may have been carried out.",
    cure: "Look before you repeat: backend_status, then list_messages of the chat.",
  },
  BAILEYS_NOT_CONNECTED: {
    status: 503,
    meaning: "The Baileys bridge has no connection to WhatsApp now.",
    cure: "Wait for its reconnect; backend_status shows it.",
  },
  WHATSAPP_NOT_CONNECTED: {
    status: 503,
    meaning: "The Go bridge has no connection to WhatsApp now.",
    cure: "Wait for its reconnect; backend_status shows it.",
  },
  NOT_PAIRED: {
    status: 409,
    meaning: "The bridge is not linked to an account.",
    cure: "Scan the QR code that `whatsapp-mcp pair` shows with the phone.",
  },
  PASSKEY_REQUIRED: {
    status: 409,
    meaning: "The account asks for a passkey before it links a device.",
    cure: "Link without a passkey, if the phone offers a way; the Go bridge alone is enough.",
  },
  CLIENT_OUTDATED: {
    status: 409,
    meaning: "WhatsApp refuses this version of the library.",
    cure: "Update this program and start the bridge again.",
  },
  AUTH_EXPIRED: {
    status: 409,
    meaning: "The phone removed this device, or the link ran out.",
    cure: "Link again; stored messages stay.",
  },
  DEVICE_LIMIT: {
    status: 409,
    meaning: "The account has as many linked devices as it may.",
    cure: "Remove one on the phone, then link again.",
  },
  SESSION_REPLACED: {
    status: 409,
    meaning: "Another process uses this bridge's session.",
    cure: "Stop the other process, then start this bridge again.",
  },
  TEMPORARILY_BANNED: {
    status: 403,
    meaning: "WhatsApp has restricted the account for a while.",
    cure: "Wait until the restriction ends; send less.",
  },
  WHATSAPP_API_ERROR: {
    status: 502,
    meaning: "WhatsApp's server refused the request.",
    cure: "Read the details; try again later.",
  },
  RATE_LIMIT: {
    status: 429,
    meaning: "Too many sends in a short time.",
    cure: "Wait for details.retry_after_s seconds.",
  },
  RECIPIENT_UNREACHABLE: {
    status: 404,
    meaning: "WhatsApp names no device for the recipient, so nothing would arrive.",
    cure: "Check the number.",
  },
  INVALID_ARGUMENT: {
    status: 400,
    meaning: "An argument is missing, unknown or out of range.",
    cure: "Correct the named argument.",
  },
  INVALID_JID: {
    status: 400,
    meaning: "The text is not a WhatsApp address.",
    cure: "Use a JID such as 15550100@s.whatsapp.net, a number or a name.",
  },
  INVALID_PHONE_FORMAT: {
    status: 400,
    meaning: "The text is not a phone number with its country code.",
    cure: "Write it like +1 555 0100.",
  },
  MISSING_IDENTIFIER: {
    status: 400,
    meaning: "Neither a JID nor a phone number was given.",
    cure: "Give exactly one of them.",
  },
  AMBIGUOUS_RECIPIENT: {
    status: 409,
    meaning: "The name fits more than one chat.",
    cure: "Call again with the jid of one of details.candidates.",
  },
  AMBIGUOUS_MESSAGE: {
    status: 409,
    meaning: "The message id stands in more than one chat.",
    cure: "Call again with chat_jid, one of details.chats.",
  },
  INVALID_COORDINATES: {
    status: 400,
    meaning: "The place is not on the globe.",
    cure: "Latitude is -90 to 90, longitude -180 to 180.",
  },
  MESSAGE_NOT_FOUND: {
    status: 404,
    meaning: "No message with this id is stored.",
    cure: "Find the id with list_messages; fetch_history may bring older ones.",
  },
  NO_MEDIA_CONTENT: {
    status: 409,
    meaning: "The message carries no media.",
    cure: "Pick a message whose kind is a media kind.",
  },
  MEDIA_EXPIRED: {
    status: 410,
    meaning: "The file is gone from WhatsApp's servers.",
    cure: "Ask for it with the phone online, or ask the sender again.",
  },
  FILE_NOT_FOUND: {
    status: 404,
    meaning: "There is no such file.",
    cure: "Give the absolute path of an existing file.",
  },
  FILE_NOT_ALLOWED: {
    status: 403,
    meaning: "The file lies outside the folders that may be sent from.",
    cure: "Move it into an allowed folder.",
  },
  FILE_TOO_LARGE: {
    status: 413,
    meaning: "The file is larger than WhatsApp takes.",
    cure: "Send a smaller file.",
  },
  INVALID_MEDIA_TYPE: {
    status: 400,
    meaning: "The file is not of the kind that was asked for.",
    cure: "Choose the right kind.",
  },
  FFMPEG_MISSING: {
    status: 409,
    meaning: "The audio must be converted and ffmpeg is not installed.",
    cure: "Install ffmpeg, or send an .ogg with Opus.",
  },
  TEXT_TOO_LONG: {
    status: 400,
    meaning: "The text is longer than the 65,536 characters that WhatsApp takes.",
    cure: "Shorten or split it.",
  },
  EDIT_WINDOW_CLOSED: {
    status: 409,
    meaning: "The message is too old to be edited.",
    cure: "Send a new message.",
  },
  NOT_OWN_MESSAGE: {
    status: 403,
    meaning: "The message was written by somebody else.",
    cure: "Only own messages can be changed.",
  },
  CHAT_NOT_FOUND: {
    status: 404,
    meaning: "No such chat is known.",
    cure: "Find it with list_chats.",
  },
  CONTACT_NOT_FOUND: {
    status: 404,
    meaning: "No such contact is known.",
    cure: "Find it with search_contacts.",
  },
  COMMUNITY_NOT_FOUND: {
    status: 404,
    meaning: "No such community is known.",
    cure: "Find it with list_communities.",
  },
  NOT_GROUP_MEMBER: {
    status: 403,
    meaning: "The account is not a member of the group.",
    cure: "Join the group on the phone.",
  },
  MAX_PINS_REACHED: {
    status: 409,
    meaning: "Three chats are pinned already.",
    cure: "Unpin one first.",
  },
  HISTORY_SYNC_TIMEOUT: {
    status: 504,
    meaning: "The phone did not answer the request for history.",
    cure: "Bring the phone online, then call again.",
  },
  HISTORY_SYNC_FAILED: {
    status: 502,
    meaning: "The phone refused the request for history.",
    cure: "Read the details; try later.",
  },
  DATABASE_SYNC_FAILED: {
    status: 500,
    meaning: "The merge into messages.db stopped.",
    cure: "Call sync_history_to_database again; it goes on where it stopped.",
  },
  DATABASE_SCHEMA_MISMATCH: {
    status: 409,
    meaning: "The database was made by another version.",
    cure: "Update so that both versions agree.",
  },
  DATABASE_CORRUPT: {
    status: 500,
    meaning: "The database file is damaged.",
    cure: "Move it away and restore a backup.",
  },
  SYNC_IN_PROGRESS: {
    status: 409,
    meaning: "Another merge is running.",
    cure: "Wait for it; its result serves both.",
  },
  NO_ACTIVE_SYNC: {
    status: 409,
    meaning: "No history job runs for this chat.",
    cure: "Start one with fetch_history.",
  },
  NO_CHECKPOINT: {
    status: 404,
    meaning: "No message of this chat is known to ask backwards from.",
    cure: "Wait for a first message in the chat.",
  },
  UNSYNCED_ROWS: {
    status: 409,
    meaning: "Rows wait to be merged.",
    cure: "Call sync_history_to_database first, or use force.",
  },
  NOT_BUSINESS_ACCOUNT: {
    status: 409,
    meaning: "The account is not a business.",
    cure: "Ask only business accounts for this.",
  },
  NO_CATALOG_FOUND: {
    status: 404,
    meaning: "The business shows no catalog.",
    cure: "Look at its profile instead.",
  },
  PRODUCT_NOT_FOUND: {
    status: 404,
    meaning: "The catalog holds no such product.",
    cure: "Find its id with get_business_catalog.",
  },
  NEWSLETTER_NOT_FOUND: {
    status: 404,
    meaning: "No such newsletter is known.",
    cure: "Check the JID or the invite link.",
  },
  ALREADY_SUBSCRIBED: {
    status: 409,
    meaning: "The newsletter is followed already.",
    cure: "Nothing is left to do.",
  },
  NOT_SUBSCRIBED: {
    status: 409,
    meaning: "The newsletter is not followed.",
    cure: "Nothing is left to do.",
  },
  PRIVACY_RESTRICTED: {
    status: 403,
    meaning: "The person's privacy settings hide this.",
    cure: "Nothing can be done here.",
  },
  ACCESS_DENIED: {
    status: 401,
    meaning: "The request did not carry the bridge's token.",
    cure: "Use the token of bridge.token.",
  },
  READ_ONLY: {
    status: 403,
    meaning: "The server runs read-only.",
    cure: "Start it without read-only mode.",
  },
  RECIPIENT_NOT_ALLOWED: {
    status: 403,
    meaning: "The recipient is not among those that are allowed.",
    cure: "Ask the person who runs the bridges: WHATSAPP_MCP_ALLOWED_RECIPIENTS says who may be written to.",
  },
  CONFIRMATION_REQUIRED: {
    status: 409,
    meaning: "The action waits for a confirmation.",
    cure: "Show it to the person first.",
  },
  INTERNAL: {
    status: 500,
    meaning: "Something failed that should not.",
    cure: "Try again; the log has the cause.",
  },
} as const;

/** The part of an error that programs and documents refer to. */
export type Code = keyof typeof CODES;
