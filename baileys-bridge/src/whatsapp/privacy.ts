import { Fault } from "../fault.js";
import { asking } from "./asking.js";
import type { WASocket } from "./baileys.js";

/** Who may see or do what, in the server's words; what it does not name is missing. */
export interface PrivacySettings {
  last_seen?: string;
  online?: string;
  profile_picture?: string;
  about?: string;
  read_receipts?: string;
  groups?: string;
  calls?: string;
  messages?: string;
  stickers?: string;
  defense?: string;
}

/** What setting one did, with all settings read back from the server. */
export interface PrivacyChange {
  status: "changed" | "unchanged";
  settings: PrivacySettings;
}

/** The settings that can be changed. */
export type Changeable = "last_seen" | "online" | "profile_picture" | "about";

export type PrivacyLine = Pick<
  WASocket,
  | "fetchPrivacySettings"
  | "updateLastSeenPrivacy"
  | "updateOnlinePrivacy"
  | "updateProfilePicturePrivacy"
  | "updateStatusPrivacy"
>;

/** The server's names. */
const NAMES: Readonly<Record<keyof PrivacySettings, string>> = {
  last_seen: "last",
  online: "online",
  profile_picture: "profile",
  about: "status",
  read_receipts: "readreceipts",
  groups: "groupadd",
  calls: "calladd",
  messages: "messages",
  stickers: "stickers",
  defense: "defense",
};

/** Reads and writes who may see what, while the Go bridge is away. */
export class Privacy {
  readonly #line: () => PrivacyLine;

  /** `line` throws while there is no connection. */
  constructor(line: () => PrivacyLine) {
    this.#line = line;
  }

  async settings(): Promise<PrivacySettings> {
    const line = this.#line();
    const found = await asking(() => line.fetchPrivacySettings(true));
    return Object.fromEntries(Object.entries(NAMES).map(([name, wire]) => [name, found[wire]]));
  }

  /** The contract lets through only values that the setting knows. */
  async set(setting: Changeable, value: string): Promise<PrivacyChange> {
    const before = await this.settings();
    if (before[setting] === value) return { status: "unchanged", settings: before };
    await asking(() => this.#change(setting, value));
    const settings = await this.settings();
    if (settings[setting] !== value) {
      throw new Fault("WHATSAPP_API_ERROR", "WhatsApp took the change and kept the old value.", {
        resolution: "Look with get_privacy_settings; change it on the phone.",
      });
    }
    return { status: "changed", settings };
  }

  #change(setting: Changeable, value: string): Promise<void> {
    const line = this.#line();
    switch (setting) {
      case "last_seen":
        return line.updateLastSeenPrivacy(value as Parameters<PrivacyLine["updateLastSeenPrivacy"]>[0]);
      case "online":
        return line.updateOnlinePrivacy(value as Parameters<PrivacyLine["updateOnlinePrivacy"]>[0]);
      case "profile_picture":
        return line.updateProfilePicturePrivacy(value as Parameters<PrivacyLine["updateProfilePicturePrivacy"]>[0]);
      case "about":
        return line.updateStatusPrivacy(value as Parameters<PrivacyLine["updateStatusPrivacy"]>[0]);
    }
  }
}
