extension Schema {
    /// The first version. SQLite keeps the text of CREATE with its comments, so that `.schema` in an sqlite3 shell
    /// explains the tables.
    static let version1 = Migration(
        version: 1,
        sql: """
            CREATE TABLE meta (
                -- Facts about the store as a whole.
                key TEXT NOT NULL PRIMARY KEY,
                value TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE journal (
                -- The input as it was received, one row a batch. Rows follow one another without a gap; old ones are removed
                -- from the front, up to a snapshot that is kept as an anchor.
                sequence INTEGER PRIMARY KEY,
                -- Milliseconds since 1970, UTC, of the first and the last frame.
                first_received_ms INTEGER NOT NULL,
                last_received_ms INTEGER NOT NULL,
                -- Messages, ticks and settings in the batch.
                frames INTEGER NOT NULL,
                -- Bytes of this row and of all rows ever written before it: the size of any stretch is a difference.
                cumulative_bytes INTEGER NOT NULL,
                -- Frames: a header of 32 bytes, topic, payload, response topic, correlation data, padded to 8.
                bytes BLOB NOT NULL
            ) STRICT;

            CREATE TABLE outbox (
                -- Messages still to be published, in order of id; a row is deleted when the broker has confirmed it.
                -- An id is never used again.
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                topic TEXT NOT NULL,
                payload BLOB NOT NULL,
                -- 1: the broker keeps it as the topic's newest value.
                retain INTEGER NOT NULL CHECK (retain IN (0, 1)),
                -- MQTT 5 properties; NULL where there is none.
                content_type TEXT,
                correlation BLOB,
                -- Identity of the event, the same after a crash or a replay; NULL where the message is no event.
                event_id BLOB,
                created_ms INTEGER NOT NULL,
                priority INTEGER NOT NULL
            ) STRICT;

            CREATE TABLE dead_letters (
                -- Input that could not be used, and why.
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                received_ms INTEGER NOT NULL,
                fleet TEXT NOT NULL,
                topic TEXT NOT NULL,
                -- A fixed word for the kind of fault, and a sentence.
                reason TEXT NOT NULL,
                detail TEXT NOT NULL,
                -- Where in the payload; NULL where the fault is not at a place.
                byte_offset INTEGER,
                payload BLOB NOT NULL
            ) STRICT;

            CREATE TABLE snapshots (
                -- The engine's whole state after the journal row of that sequence (0: before the first).
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                journal_sequence INTEGER NOT NULL,
                journal_cumulative_bytes INTEGER NOT NULL,
                created_ms INTEGER NOT NULL,
                -- Version of the encoding of the parts.
                format INTEGER NOT NULL,
                -- 1: all parts are there.
                complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
                -- 1: kept for the journal, which can be replayed from here.
                is_anchor INTEGER NOT NULL CHECK (is_anchor IN (0, 1))
            ) STRICT;

            CREATE TABLE snapshot_parts (
                -- A snapshot's bytes, parts counted from 0.
                snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
                part INTEGER NOT NULL,
                bytes BLOB NOT NULL,
                PRIMARY KEY (snapshot_id, part)
            ) STRICT;
            """)
}
