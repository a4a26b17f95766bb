-- When the account did not know this device: WhatsApp's servers kept nothing for it. ended_at is NULL while it lasts.
CREATE TABLE absences (
  began_at INTEGER PRIMARY KEY,
  ended_at INTEGER
) WITHOUT ROWID;
