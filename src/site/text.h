/* What the page says, in Indonesian and in translation.  Indonesian prevails,
 * and every other language says so. */
#ifndef SAKSI_SITE_TEXT_H
#define SAKSI_SITE_TEXT_H

enum saksi_lang {
	SAKSI_LANG_ID,
	SAKSI_LANG_EN,
};
#define SAKSI_LANGS 2

/* X-macro: name, Indonesian, English. */
#define SAKSI_TEXTS(X)                                                                 \
	X(TITLE, "Audit terbuka keamanan data pemilih",                                \
	  "Open audit of voter data security")                                         \
	X(LEAD,                                                                        \
	  "Apa yang diaudit, apa yang masih terbuka, apa yang tidak diperiksa, dan "   \
	  "siapa yang menyaksikan.",                                                   \
	  "What is audited, what is still open, what was not looked at, and who "      \
	  "witnesses it.")                                                             \
	X(PREVAILS, "",                                                                \
	  "This translation is automatic and may be inaccurate. The Indonesian text "  \
	  "prevails.")                                                                 \
	X(HOLDS, "Semua yang dapat diperiksa di sini benar.",                          \
	  "Everything that can be checked here holds.")                                \
	X(FALSE, "Ada yang tidak benar:", "Something here is false:")                  \
	X(UNKNOWN, "Belum dapat dipastikan:", "Cannot tell:")                          \
	X(YOURSELF,                                                                    \
	  "Jangan percaya halaman ini. Periksa sendiri dengan berkas kepercayaan "     \
	  "dari "                                                                      \
	  "saksi yang Anda percaya:",                                                  \
	  "Do not believe this page. Check for yourself with a trust folder from "     \
	  "witnesses you trust:")                                                      \
	X(SERVERS, "Server", "Servers")                                                \
	X(SERVER, "Server", "Server")                                                  \
	X(ROLE, "Peran", "Role")                                                       \
	X(AUDITED, "Diaudit", "Audited")                                               \
	X(NEVER, "belum pernah", "never")                                              \
	X(PLANNED, "direncanakan, tenggat", "planned, due")                            \
	X(ABANDONED, "dibatalkan:", "abandoned:")                                      \
	X(IN_SCOPE, "server dalam lingkup", "servers in scope")                        \
	X(OPEN, "kegagalan terbuka", "open failures")                                  \
	X(OVERDUE, "lewat tenggat", "overdue")                                         \
	X(NOT_COVERED, "tidak diperiksa", "not covered")                               \
	X(PASS, "lulus", "pass")                                                       \
	X(FAIL, "gagal", "fail")                                                       \
	X(NOT_APPLICABLE, "tidak berlaku", "not applicable")                           \
	X(ERROR, "galat", "error")                                                     \
	X(FAILURES, "Kegagalan", "Failures")                                           \
	X(FAILURES_LEAD,                                                               \
	  "Setiap kegagalan disegel pada hari ditemukan dan dibuka paling lambat "     \
	  "pada "                                                                      \
	  "tanggalnya. Isinya tidak dapat diubah lagi.",                               \
	  "Each failure was sealed on the day it was found and is opened by its date " \
	  "at the latest. Its content can no longer be changed.")                      \
	X(SEVERITY, "Keparahan", "Severity")                                           \
	X(SEAL, "Segel", "Seal")                                                       \
	X(FIRST_SEEN, "Pertama terlihat", "First seen")                                \
	X(DISCLOSE_BY, "Dibuka paling lambat", "Disclosed by")                         \
	X(STATE, "Keadaan", "State")                                                   \
	X(SEALED, "disegel", "sealed")                                                 \
	X(DISCLOSED, "dibuka", "disclosed")                                            \
	X(FIXED, "sudah diperbaiki", "fixed")                                          \
	X(EXTENDED, "diperpanjang", "extended")                                        \
	X(ACCEPTED, "risiko diterima", "accepted")                                     \
	X(OPENED, "Temuan yang sudah dibuka", "Findings that were opened")             \
	X(WITNESSES, "Saksi", "Witnesses")                                             \
	X(WITNESSES_LEAD,                                                              \
	  "Mereka menandatangani hanya jika log ini tidak pernah mengubah atau "       \
	  "menghapus apa pun yang sudah mereka lihat.",                                \
	  "They sign only if this log never changed or removed anything they saw.")    \
	X(WITNESS, "Saksi", "Witness")                                                 \
	X(LAST_SEEN, "Terakhir menyaksikan", "Last witnessed")                         \
	X(NOT_NOW, "tidak pada titik ini", "not at this point")                        \
	X(QUORUM, "Syarat", "Required")                                                \
	X(OF, "dari", "of")                                                            \
	X(STATEMENTS, "Pernyataan", "Statements")                                      \
	X(ENTRY, "Nomor", "Number")                                                    \
	X(TIME, "Waktu", "Time")                                                       \
	X(AUTHOR, "Penulis", "Author")                                                 \
	X(KIND, "Jenis", "Kind")                                                       \
	X(VERDICT, "Putusan", "Verdict")                                               \
	X(TRUE, "benar", "holds")                                                      \
	X(ALARMS, "Peringatan", "Alarms")                                              \
	X(NO_ALARMS, "Tidak ada peringatan.", "There are no alarms.")                  \
	X(TREE, "Pohon", "Tree")                                                       \
	X(ENTRIES, "pernyataan", "statements")                                         \
	X(AS_OF, "Keadaan pada", "As of")                                              \
	X(CRITICAL, "kritis", "critical")                                              \
	X(HIGH, "tinggi", "high")                                                      \
	X(MEDIUM, "sedang", "medium")                                                  \
	X(LOW, "rendah", "low")                                                        \
	X(INFO, "info", "info")
enum saksi_text {
#define SAKSI_TEXT_ENUM(n, id, en) SAKSI_TEXT_##n,
	SAKSI_TEXTS(SAKSI_TEXT_ENUM)
#undef SAKSI_TEXT_ENUM
};

const char *saksi_text_in(enum saksi_lang lang, enum saksi_text t);
const char *saksi_lang_code(enum saksi_lang lang); /* "id", "en" */

#endif
