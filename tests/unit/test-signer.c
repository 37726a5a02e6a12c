/* SPDX-License-Identifier: MIT */

#include "keys/signer.h"

#include <fcntl.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "faults.h"
#include "scalar.h"

static int load_text(const char *text, mode_t mode, struct signer **ret)
{
	char path[32];
	int r;

	write_file(text, strlen(text), mode, path);
	r = signer_load(path, ret);
	cr_assert_eq(unlink(path), 0);
	return r;
}

/* PEM of a new key; encrypted if @cipher is not NULL. */
static char *make_pem(const char *type, const char *curve, const char *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *key;
	char *text, *copy;
	long len;

	key = curve == NULL ? EVP_PKEY_Q_keygen(NULL, NULL, type)
			    : EVP_PKEY_Q_keygen(NULL, NULL, type, curve);
	cr_assert_not_null(key);
	cr_assert_eq(
		PEM_write_bio_PKCS8PrivateKey(bio, key,
			cipher == NULL ? NULL : EVP_get_cipherbyname(cipher),
			cipher == NULL ? NULL : "secret",
			cipher == NULL ? 0 : 6, NULL, NULL),
		1);
	len = BIO_get_mem_data(bio, &text);
	copy = strndup(text, (size_t)len);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return copy;
}

TEST(signer, a_scalar_yields_its_public_point_and_id)
{
	/* vehicle-protocol 4.1, 4.3, 4.4 */
	static const char *const vectors[][3] = {
		{ A_KEY_SCALAR, A_KEY_PUBLIC, "3fb59233" },
		{ A_CAR_SCALAR, A_CAR_PUBLIC, "04b5fead" },
		{ "9d9c5e86d5a83057965ca94b5faeff116c275d08ca91e839bd2dea59c22"
		  "29b81",
			"041431dc57c892b8dcc87ba59159031e12046b6febcdfb88f7b9c"
			"9e2a0fc2b7a1e323a4bd5a5696f103845bd1c4b9dd104d0fe87a3"
			"721314a03a7550406445705b",
			NULL },
		{ "3e20d8f0b0caddd0970ab36342c5dc3f0a3d5677883cb260ed6ceb3aed9"
		  "320c4",
			"04c4ff45b968e87469af648ed34c34a934d74a1d76f272d153fc8"
			"1114ddfecc178f688e62bec19c9b144e9415361fa4fecab5ded43"
			"36336b9751c9a78ffa270fae",
			NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		_cleanup_(signer_freep) struct signer *signer =
			scalar_signer(vectors[i][0]);
		uint8_t public[SIGNER_PUBLIC_SIZE], id[SIGNER_ID_SIZE];

		signer_public(signer, public);
		assert_hex(public, sizeof(public), vectors[i][1]);
		signer_id(signer, id);
		if (vectors[i][2] != NULL)
			assert_hex(id, sizeof(id), vectors[i][2]);
	}
}

TEST(signer, agreement_keeps_leading_zeros)
{
	/* vehicle-protocol 4.1, 4.3, 4.4 */
	static const char *const vectors[][3] = {
		{ A_KEY_SCALAR, A_CAR_PUBLIC, A_SHARED },
		{ A_CAR_SCALAR, A_KEY_PUBLIC, A_SHARED },
		{ "9d9c5e86d5a83057965ca94b5faeff116c275d08ca91e839bd2dea59c22"
		  "29b81",
			"0450444fabe062f6ffc59de654373e1aa84aa4f053f365f3746fb"
			"aaa8ad5d5875e8279ba379b4788e9148f5000bd1fe085d18925e8"
			"d047239cfa0d9cd23417b714",
			"d51808315c6fdcf98ba092c993fe54af036684555df4bd4724bfa"
			"5320ae9d96d" },
		{ "5260f8d6113875d86f8ee8fea340df1ffb40c658b5455e8c33d797c53a4"
		  "1afd3",
			"0407fb60b65b94e0de4a954c53be10003d9e69918dedfda5f4e9e"
			"fb9ebd8c5bd672a53991c4068865d5fb44f97f6cecf8398f261dd"
			"1d7bc69be676afdc8ffacbcc",
			"0072d5b815207a04f0c795fba0ba9e8add3f1f57148c51fface22"
			"ca15e6fd845" },
		{ "000000000000000000000000000000000000000000000000000000000"
		  "000013f",
			"04c4ff45b968e87469af648ed34c34a934d74a1d76f272d153fc8"
			"1114ddfecc178f688e62bec19c9b144e9415361fa4fecab5ded43"
			"36336b9751c9a78ffa270fae",
			"00b3771a89898317d4fdc951a5e20d075f57bd314cc1c9e611225"
			"b8796938dd8" },
		{ "72e9a493ba41e792b104274331105fa6c908c27f15913eecc2f4ec115b2"
		  "81ae0",
			"04ad38ecbf11b08a79529a0346431598a500edfe56839e125f7cd"
			"a56c53560d47171f31675e62f6ded597259225e4ed4b82d1ee7fc"
			"b0e59b131026ec1085090412",
			"6d1ae6f7c80411147f5b9c6a7859c36dd894bda6a89c0a2314efd"
			"548145d3e5a" },
		{ "4807e29d46425d07df48193249a6241d411ac4007375c75d5d4a22ecf18"
		  "9cdde",
			"046f3126d63101867bdd047c604563c283f0f4a29565c59b5faad"
			"680f5b4c7b90fd7854bceed334d7622ff0557d8ca58a5082036b6"
			"8405ab095085d70af12b088b",
			"6d1ae6f7c80411147f5b9c6a7859c36dd894bda6a89c0a2314efd"
			"548145d3e5a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		_cleanup_(signer_freep) struct signer *signer =
			scalar_signer(vectors[i][0]);
		uint8_t peer[SIGNER_PUBLIC_SIZE];
		struct secret32 shared;

		unhex(vectors[i][1], peer, sizeof(peer));
		cr_assert_eq(signer_agree(signer, peer, &shared), 0);
		assert_hex(shared.bytes, sizeof(shared.bytes), vectors[i][2]);
	}
}

TEST(signer, what_is_no_point_of_the_curve_is_refused)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	uint8_t peer[SIGNER_PUBLIC_SIZE];
	struct secret32 shared;

	unhex(A_CAR_PUBLIC, peer, sizeof(peer));
	peer[64] ^= 1;
	cr_assert_eq(signer_agree(signer, peer, &shared), SIGNER_E_POINT);
	peer[64] ^= 1;
	peer[0] = 6; /* the hybrid form */
	cr_assert_eq(signer_agree(signer, peer, &shared), SIGNER_E_POINT);
	memset(peer, 0, sizeof(peer));
	cr_assert_eq(signer_agree(signer, peer, &shared), SIGNER_E_POINT);
	peer[0] = 4;
	cr_assert_eq(signer_agree(signer, peer, &shared), SIGNER_E_POINT);
	memset(peer + 1, 0xff, 64);
	cr_assert_eq(signer_agree(signer, peer, &shared), SIGNER_E_POINT);
}

TEST(signer, a_saved_key_loads_again)
{
	_cleanup_(signer_freep) struct signer *made = NULL;
	char dir[] = "/tmp/test-signer-XXXXXX", path[64], uri[96];
	uint8_t a[SIGNER_PUBLIC_SIZE], b[SIGNER_PUBLIC_SIZE];
	struct stat st;

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/car.key", dir);
	cr_assert_eq(signer_generate(&made), 0);
	signer_public(made, a);
	cr_assert_eq(signer_save(made, path), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode, S_IFREG | 0600);

	static const char *const forms[] = {
		"%s",
		"file:%s",
		"file://%s",
		"file://localhost%s",
	};
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_cleanup_(signer_freep) struct signer *loaded = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(uri, sizeof(uri), forms[i], path);
#pragma GCC diagnostic pop
		cr_assert_str_eq(signer_path(uri), path, "%s", uri);
		cr_assert_eq(signer_load(uri, &loaded), 0, "%s", uri);
		signer_public(loaded, b);
		cr_assert_eq(memcmp(a, b, sizeof(a)), 0);
	}

	cr_assert_eq(signer_save(made, path), SIGNER_E_EXISTS);
	cr_assert_eq(unlink(path), 0);
	/* Nothing else was left in the folder. */
	cr_assert_eq(rmdir(dir), 0);
}

TEST(signer, a_key_that_is_no_file_has_no_path)
{
	cr_assert_null(signer_path("pkcs11:token=car"));
	cr_assert_null(signer_path("handle:0x81000000"));
}

TEST(signer, a_key_that_cannot_be_saved_leaves_no_file)
{
	_cleanup_(signer_freep) struct signer *signer = NULL;

	cr_assert_eq(signer_generate(&signer), 0);
	cr_assert_eq(signer_save(signer, "/nonexistent/car.key"), -ENOENT);
}

TEST(signer, a_file_that_others_can_read_or_write_is_refused)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0644, 0666 };
	char pem[256];

	scalar_pem(A_KEY_SCALAR, pem);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct signer *signer = NULL;

		cr_assert_eq(
			load_text(pem, modes[i], &signer), SIGNER_E_TOO_OPEN);
		cr_assert_null(signer);
	}
}

TEST(signer, nothing_there_is_missing)
{
	struct signer *signer = NULL;

	cr_assert_eq(signer_load("/nonexistent/k", &signer), SIGNER_E_MISSING);
	cr_assert_eq(
		signer_load("file:/nonexistent", &signer), SIGNER_E_MISSING);
	cr_assert_eq(
		signer_load("file:///nonexistent", &signer), SIGNER_E_MISSING);
	cr_assert_eq(signer_load("/dev/null/key", &signer), SIGNER_E_MISSING);
	cr_assert_eq(
		signer_load("nosuchscheme:key", &signer), SIGNER_E_MISSING);
	cr_assert_null(signer);
}

TEST(signer, what_is_no_key_is_not_taken_for_one)
{
	_cleanup_(signer_freep) struct signer *good =
		scalar_signer(A_KEY_SCALAR);
	_cleanup_(freep) char *encrypted =
		make_pem("EC", "P-256", "aes-256-cbc");
	_cleanup_(freep) char *public = NULL;
	_cleanup_(freep) char *huge = calloc(1, 128 * 1024);
	struct signer *signer = NULL;
	char fifo[] = "/tmp/test-signer-XXXXXX";
	char pem[256];

	cr_assert_eq(signer_public_pem(good, &public), 0);
	scalar_pem(A_KEY_SCALAR, pem);
	pem[80] = '!';
	memset(huge, 'x', 128 * 1024 - 1);

	cr_assert_eq(load_text("", 0600, &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(load_text("garbage\n", 0600, &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(load_text(pem, 0600, &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(load_text(public, 0600, &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(load_text(huge, 0600, &signer), SIGNER_E_NO_KEY);
	/* Without a word: there is nobody to ask. */
	cr_assert_eq(load_text(encrypted, 0600, &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(signer_load("/tmp", &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(signer_load("/dev/null", &signer), SIGNER_E_NO_KEY);

	cr_assert_not_null(mkdtemp(fifo));
	cr_assert_eq(rmdir(fifo), 0);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	cr_assert_eq(signer_load(fifo, &signer), SIGNER_E_NO_KEY);
	cr_assert_eq(unlink(fifo), 0);
	cr_assert_null(signer);
}

TEST(signer, a_key_on_another_curve_is_refused)
{
	static const char *const keys[][2] = {
		{ "EC", "P-384" },
		{ "EC", "secp256k1" },
		{ "ED25519", NULL },
		{ "X25519", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		_cleanup_(freep) char *pem =
			make_pem(keys[i][0], keys[i][1], NULL);
		struct signer *signer = NULL;

		cr_assert_eq(load_text(pem, 0600, &signer), SIGNER_E_CURVE);
		cr_assert_null(signer);
	}
}

TEST(signer, pkcs8_and_files_with_parameters_are_read)
{
	_cleanup_(freep) char *pkcs8 = make_pem("EC", "P-256", NULL);
	_cleanup_(signer_freep) struct signer *a = NULL;
	_cleanup_(signer_freep) struct signer *b = NULL;
	char sec1[256], text[512];

	cr_assert_eq(load_text(pkcs8, 0600, &a), 0);

	/* As "openssl ecparam -genkey" writes it. */
	scalar_pem(A_KEY_SCALAR, sec1);
	(void)snprintf(text, sizeof(text),
		"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
		"-----END EC PARAMETERS-----\n%s",
		sec1);
	cr_assert_eq(load_text(text, 0600, &b), 0);
}

TEST(signer, the_public_half_is_pem)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	_cleanup_(freep) char *pem = NULL;
	uint8_t point[SIGNER_PUBLIC_SIZE];
	EVP_PKEY *key;
	size_t len;
	BIO *bio;

	cr_assert_eq(signer_public_pem(signer, &pem), 0);
	bio = BIO_new_mem_buf(pem, -1);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	cr_assert_not_null(key);
	cr_assert_eq(
		EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
			point, sizeof(point), &len),
		1);
	assert_hex(point, len, A_KEY_PUBLIC);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

TEST(signer, each_generated_key_is_another)
{
	_cleanup_(signer_freep) struct signer *a = NULL;
	_cleanup_(signer_freep) struct signer *b = NULL;
	uint8_t pa[SIGNER_PUBLIC_SIZE], pb[SIGNER_PUBLIC_SIZE];
	struct secret32 sa, sb;

	cr_assert_eq(signer_generate(&a), 0);
	cr_assert_eq(signer_generate(&b), 0);
	signer_public(a, pa);
	signer_public(b, pb);
	cr_assert_neq(memcmp(pa, pb, sizeof(pa)), 0);
	cr_assert_eq(signer_agree(a, pb, &sa), 0);
	cr_assert_eq(signer_agree(b, pa, &sb), 0);
	cr_assert(secret_equal(&sa, &sb, sizeof(sa)));
}

TEST(signer, without_memory_there_is_no_key)
{
	char pem[256], path[32];
	int r = -1;

	scalar_pem(A_KEY_SCALAR, pem);
	write_file(pem, strlen(pem), 0600, path);
	for (long n = 0; r != 0; n++) {
		_cleanup_(signer_freep) struct signer *made = NULL;
		_cleanup_(signer_freep) struct signer *loaded = NULL;

		faults_arm(n);
		r = signer_generate(&made);
		if (r == 0)
			r = signer_load(path, &loaded);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
		cr_assert_eq(r == 0, loaded != NULL);
	}
	cr_assert_eq(unlink(path), 0);
}
