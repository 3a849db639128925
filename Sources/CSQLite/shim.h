// The one place where the project meets SQLite's C header.
#include <sqlite3.h>
