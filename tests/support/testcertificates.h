// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

/// Certificates that vouch for nothing, from 2020 on, made with cryptography 38.
namespace gatehouse::testcertificates {

/// The authority that issued the certificates below, until 2120.
inline const QByteArray kAuthority = "-----BEGIN CERTIFICATE-----\n"
                                     "MIIBcDCCARWgAwIBAgIUGXRZlj5ZZxA9/Oxa83jKNnW3TlwwCgYIKoZIzj0EAwIw\n"
                                     "LDEYMBYGA1UEAwwPRXhhbXBsZSBUZXN0IENBMRAwDgYDVQQKDAdFeGFtcGxlMCAX\n"
                                     "DTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAsMRgwFgYDVQQDDA9FeGFt\n"
                                     "cGxlIFRlc3QgQ0ExEDAOBgNVBAoMB0V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjO\n"
                                     "PQMBBwNCAAQpiOEwG6OlUuqVK86mwcK/1fjbbXeua/WjgmDoOuB3NGiPB/0kM0s7\n"
                                     "T3134x3y5VDsi/9QayHiNjVfvFcyKjFJoxMwETAPBgNVHRMBAf8EBTADAQH/MAoG\n"
                                     "CCqGSM49BAMCA0kAMEYCIQDMhT7//GIjYskuJJU8GFGLFYWwISawwm++GTLouJcw\n"
                                     "jQIhANcSSpnmxLo9SuN0mWgwquOMkchKMkM1gyu36Stn4tSr\n"
                                     "-----END CERTIFICATE-----\n";
/// One that issued none of them.
inline const QByteArray kAnotherAuthority = "-----BEGIN CERTIFICATE-----\n"
                                            "MIIBQDCB56ADAgECAhRBmJP4qAVw4kzPyZCtxysAX6EvPDAKBggqhkjOPQQDAjAV\n"
                                            "MRMwEQYDVQQDDApBbm90aGVyIENBMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx\n"
                                            "MDAwMDAwWjAVMRMwEQYDVQQDDApBbm90aGVyIENBMFkwEwYHKoZIzj0CAQYIKoZI\n"
                                            "zj0DAQcDQgAEw0z330YRchWRpfSui/1j+RzIdzKWw7DDwAdYa78qFWwOvRvruppC\n"
                                            "9XyYHssLHUCAdD46UHWpu/Wsau/xAUnwzaMTMBEwDwYDVR0TAQH/BAUwAwEB/zAK\n"
                                            "BggqhkjOPQQDAgNIADBFAiA4xUvve4j4enmWQBO/+++3st9KVw74OVAQgESAnrty\n"
                                            "GQIhAJ6SgSAJNWbK7Z4y1kKH3ZovDpgVYi7o2gpP5KDYNw4r\n"
                                            "-----END CERTIFICATE-----\n";
/// Of localhost and 127.0.0.1.
inline const QByteArray kHere = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBczCCARmgAwIBAgIUAlO3gJi2EnON8/mpbsZvvb3e5powCgYIKoZIzj0EAwIw\n"
                                "LDEYMBYGA1UEAwwPRXhhbXBsZSBUZXN0IENBMRAwDgYDVQQKDAdFeGFtcGxlMCAX\n"
                                "DTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAXMRUwEwYDVQQDDAxoZXJl\n"
                                "LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR7UX1eAqVNINoVZrpq\n"
                                "8vsDh1SxwTmEhumPAR+vQvY80dpzw1qlRAgC1G3Idtj2yNSBYEvgdVZyFakwtbFP\n"
                                "y+onoywwKjAMBgNVHRMBAf8EAjAAMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAA\n"
                                "ATAKBggqhkjOPQQDAgNIADBFAiEApmpSqgxONLnDlvsY3QaO95JixUfQXlMSi4P6\n"
                                "ZP4liTMCIEdKxxFRQqm+z+KlvfWzhqgValfndnAljlbdyq3/dfP1\n"
                                "-----END CERTIFICATE-----\n";
/// Of other.example alone.
inline const QByteArray kOther = "-----BEGIN CERTIFICATE-----\n"
                                 "MIIBcjCCARigAwIBAgIUCebLTV/YhCftW1PIUI5iY+OiW8swCgYIKoZIzj0EAwIw\n"
                                 "LDEYMBYGA1UEAwwPRXhhbXBsZSBUZXN0IENBMRAwDgYDVQQKDAdFeGFtcGxlMCAX\n"
                                 "DTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYDVQQDDA1vdGhl\n"
                                 "ci5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEe1F9XgKlTSDaFWa6\n"
                                 "avL7A4dUscE5hIbpjwEfr0L2PNHac8NapUQIAtRtyHbY9sjUgWBL4HVWchWpMLWx\n"
                                 "T8vqJ6MqMCgwDAYDVR0TAQH/BAIwADAYBgNVHREEETAPgg1vdGhlci5leGFtcGxl\n"
                                 "MAoGCCqGSM49BAMCA0gAMEUCIQD3YlaBrfqDKGPrOm7go9jnbFSAA/5ShG+mG9hs\n"
                                 "KCZAmgIgewF1nex5vPc0LVyxN+f6Zus2c59NDZ5fqFxu+sKgRMs=\n"
                                 "-----END CERTIFICATE-----\n";
/// As kHere, until June 2021.
inline const QByteArray kEnded = "-----BEGIN CERTIFICATE-----\n"
                                 "MIIBcDCCARegAwIBAgIUPwwb1V/0qtiy5f3I4e7Sh23daJkwCgYIKoZIzj0EAwIw\n"
                                 "LDEYMBYGA1UEAwwPRXhhbXBsZSBUZXN0IENBMRAwDgYDVQQKDAdFeGFtcGxlMB4X\n"
                                 "DTIwMDEwMTAwMDAwMFoXDTIxMDYwMTAwMDAwMFowFzEVMBMGA1UEAwwMaGVyZS5l\n"
                                 "eGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEe1F9XgKlTSDaFWa6avL7\n"
                                 "A4dUscE5hIbpjwEfr0L2PNHac8NapUQIAtRtyHbY9sjUgWBL4HVWchWpMLWxT8vq\n"
                                 "J6MsMCowDAYDVR0TAQH/BAIwADAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEw\n"
                                 "CgYIKoZIzj0EAwIDRwAwRAIgQOM8Xlr1CeFkI1m9tWzIb5NrsJPdt4xM1Gi4xBP+\n"
                                 "4WACIBmqO2uyF1MTMcgFaUTViZcdQbdIuBUqP/1qgcnAHwcG\n"
                                 "-----END CERTIFICATE-----\n";
/// The key of all of these servers.
inline const QByteArray kKey = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdAopuZEPfACgGJa8\n"
                               "BlAf5GoEKpVrPYBEKtw3ACCALPahRANCAAR7UX1eAqVNINoVZrpq8vsDh1SxwTmE\n"
                               "humPAR+vQvY80dpzw1qlRAgC1G3Idtj2yNSBYEvgdVZyFakwtbFPy+on\n"
                               "-----END PRIVATE KEY-----\n";

} // namespace gatehouse::testcertificates
