/* The rows of "serve ..."; each run lives in a file of its own. */
#include "cmd/serve.h"
#include "cmd/serving.h"

#define END                                                                            \
	{                                                                              \
		NULL, NULL, NULL, false, false                                         \
	}

static const struct saksi_option dir_options[] = {SAKSI_SERVING_OPTIONS, END};
static const struct saksi_option site_options[] = {
    {"--trust", "DIR", "trust folder: policy, roots, limits", true, false},
    SAKSI_SERVING_OPTIONS,
    {"--url", "URL", "how the page says the log is reached", false, false},
    {"--state", "DIR", "where what was seen is remembered", false, false},
    {"--no-state", NULL, "neither compare with nor remember what was seen", false,
     false},
    {"--now", "TIME", "judge as of this instant (2026-11-22T16:39:05Z)", false, false},
    END,
};

const struct saksi_command saksi_commands_serve[] = {
    {"serve log", "DIR", "take entries in, publish, collect cosignatures",
     "Answers POST /add and /addenda, and the public files of the log. Prints its URL "
     "once it can be reached. Ends on SIGTERM and SIGINT: it then answers whom it took "
     "in and publishes once more.",
     dir_options, 1, 1, saksi_serve_log},
    {"serve witness", "DIR", "cosign the logs that 'witness add' named",
     "Answers as c2sp.org/tlog-witness says. What was cosigned is on disk before the "
     "answer goes out. Prints its URL once it can be reached.",
     dir_options, 1, 1, saksi_serve_witness},
    {"serve site", "WHERE", "show a log to people, in Indonesian and English",
     "WHERE is the public folder of a log, whose files are then served too, or the URL "
     "of one. Every look at the page is checked against the trust folder, and says so "
     "where it does not hold.",
     site_options, 1, 1, saksi_serve_site},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
