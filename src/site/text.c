#include "site/text.h"

const char *saksi_text_in(enum saksi_lang lang, enum saksi_text t)
{
	static const char *const texts[][SAKSI_LANGS] = {
#define SAKSI_TEXT_ROW(n, id, en) {id, en},
	    SAKSI_TEXTS(SAKSI_TEXT_ROW)
#undef SAKSI_TEXT_ROW
	};

	return texts[t][lang];
}

const char *saksi_lang_code(enum saksi_lang lang)
{
	static const char *const codes[SAKSI_LANGS] = {"id", "en"};

	return codes[lang];
}
