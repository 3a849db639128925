// The one place where the project meets SQLite's C header.
#include <sqlite3.h>

// sqlite3_db_config takes a variable argument list, which Swift cannot call.

/// Whether the last connection that closes copies the write-ahead log into the database file and deletes it (SQLite's
/// default). Off while a file is being inspected, so that a file which is refused stays as it was.
static inline int csqlite_set_checkpoint_on_close(sqlite3 *connection, int enabled) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, (int *)0);
}

/// Syncs the database file (not the log) to the disk, by way of the connection's own descriptor: closing another one would
/// drop the locks of all connections of the process.
static inline int csqlite_sync_database(sqlite3 *connection) {
    sqlite3_file *file = 0;
    int result = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (result != SQLITE_OK || !file || !file->pMethods) return result;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}
