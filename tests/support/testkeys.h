// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

/// Keys that guard nothing, and tokens made with them by PyJWT 2.6.0 and cryptography 38, which share no code with the
/// server. Each token is of user 42 and expires an hour after FakeClock's start; those of HS are signed with
/// kSharedSecret.
namespace gatehouse::testkeys {

inline const QByteArray kSharedSecret = QByteArray("0123456789abcdef").repeated(4);
inline const QByteArray kRsaPrivatePem = "-----BEGIN PRIVATE KEY-----\n"
                                         "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDYHKUx6oz21d+J\n"
                                         "qiWGR6xqpJDhl8DlKUAfD5U/v8GbHXpIOhPPvR56PrDozgwtuhFdkpoo0KSpecOI\n"
                                         "a/E37QcD/T3Ezq4ZZCld612TzdX1yiUARC1iSrqcL4JxBI5i6Os0NRt3K72eshNX\n"
                                         "VAkRbqow6+b2vmSCZwZWqRS/b8zZ+TS45KwQTSoIG8eSU+hE2AycLKe+jm+N0vEy\n"
                                         "jUDjNd0kBg7rQdNHty4ZZWZYj+K0v3tU0avsCbquHVyrUMvpkzaPuyk2OCbxHvf1\n"
                                         "shpUy0XPku9P/a2DQFlwWDoeOptj15C17jllTSus0VJVB9OUr4SWzVxSPbt3V23I\n"
                                         "Szx/exIFAgMBAAECggEAHk4sCzsrP9z/jyBFSVaJMt43c+8yLWCSvZhTk2A6T9x7\n"
                                         "HqBIUXAhkz5x0/+6/PmUAFVz2Ufi42IwHZQXfEJ4oqJTVGMwTl65n1JHadfqSmCp\n"
                                         "vicRXzCACTFvXxZmui+T9hsBaj1/xn6N0Ef4SpHEe35FQfIyiYfVf3cP8gWFSkaS\n"
                                         "OR6CyTsozciGWb+9cWxE64AxXzfhLNJWNhB6gYZsu9kmcV3ja9RZODaItFCcsTEk\n"
                                         "VrWwpsgNqsSjEZq7tWGakeTMNg+2Bg3Cn/qZCMMUpkqKu6A21dRAXnGWxd9t7+a7\n"
                                         "ra6GhZkFXc6ySp0MpKxjEGjRQMQYwt0EIzsun0QmiQKBgQD6dT8dqIFtCov+vFQX\n"
                                         "AODHVVMoXtRcnXI/ex8CPv6zcMWYI/3QNikto7NhJfETRuMKeS2dqkh6z/JrUysy\n"
                                         "Xn41rtn9FMdWAGwEIZ7KNkSbHq+YHKbRN6aTm+51Yx6mii91GMuHImIzMM9S14vr\n"
                                         "ZZ1GbQc+4Km0c1M41egEGVgXzQKBgQDc5NcwzcpqBGXklh+07opvqJPuhTFOUIcp\n"
                                         "cVOkAD7Q45BKQC9CLSUm5E2N7Jp6gLseI0449dXvB2R9ccBu9LHhb72h9rnthQlC\n"
                                         "EXL2OBu0JQF6zywImvybHVx35jQCEopAW5Qh87WQwwmwu9YVFLZI684wSSENeOsv\n"
                                         "fLk6hHa7GQKBgFgakn9OXWkMQr7zZOlKp8e3Hi+fXDjQMfZey0OxAUwCKaAhWRG7\n"
                                         "W7TwVxOfkzRixU9T3VYPJrv9Fpvmf9WSI/eicJB0lMKOF3FEmmUrveqLWt25hn0m\n"
                                         "hHR8b9/fZFLVXWhltoLs93pmeyf7Jv9BmZfClr/prAkMYIQnyxxWBgUpAoGABXGC\n"
                                         "OAqqNUicdjCY4W2Lbcr6skMH/wUO/59yTzVOVvl0oc/JGllgc//mRVwSRniLo+d8\n"
                                         "0vyD5BsLh+fYtSNEiuilBKu+0zKXEtC5Q4YIcL0Et1EJpcCj/vKPR8kdePuZ+pIH\n"
                                         "KXsG+2VDBN7sHKLhBxUAhMIYlWtoaEgrjFydTGkCgYEA6MxrI23AP5ZT5MdQuQPz\n"
                                         "560fBH29ybX4kocRBnE/T09T7laRFcQvuFd9vjDpWX/8B1BIVof+kabzdti9VOGP\n"
                                         "LZlzKsxeVwzfh2CdN8PsoJfO1IvO2ZjQrjql5tkeqCSFSxcQ5AAM/K7j8r0c/oLT\n"
                                         "dwYLms7sCnasxChShbQZUMk=\n"
                                         "-----END PRIVATE KEY-----\n";
inline const QByteArray kRsaPem = "-----BEGIN PUBLIC KEY-----\n"
                                  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2BylMeqM9tXfiaolhkes\n"
                                  "aqSQ4ZfA5SlAHw+VP7/Bmx16SDoTz70eej6w6M4MLboRXZKaKNCkqXnDiGvxN+0H\n"
                                  "A/09xM6uGWQpXetdk83V9colAEQtYkq6nC+CcQSOYujrNDUbdyu9nrITV1QJEW6q\n"
                                  "MOvm9r5kgmcGVqkUv2/M2fk0uOSsEE0qCBvHklPoRNgMnCynvo5vjdLxMo1A4zXd\n"
                                  "JAYO60HTR7cuGWVmWI/itL97VNGr7Am6rh1cq1DL6ZM2j7spNjgm8R739bIaVMtF\n"
                                  "z5LvT/2tg0BZcFg6HjqbY9eQte45ZU0rrNFSVQfTlK+Els1cUj27d1dtyEs8f3sS\n"
                                  "BQIDAQAB\n"
                                  "-----END PUBLIC KEY-----\n";
inline const QByteArray kRsaPkcs1Pem = "-----BEGIN RSA PUBLIC KEY-----\n"
                                       "MIIBCgKCAQEA2BylMeqM9tXfiaolhkesaqSQ4ZfA5SlAHw+VP7/Bmx16SDoTz70e\n"
                                       "ej6w6M4MLboRXZKaKNCkqXnDiGvxN+0HA/09xM6uGWQpXetdk83V9colAEQtYkq6\n"
                                       "nC+CcQSOYujrNDUbdyu9nrITV1QJEW6qMOvm9r5kgmcGVqkUv2/M2fk0uOSsEE0q\n"
                                       "CBvHklPoRNgMnCynvo5vjdLxMo1A4zXdJAYO60HTR7cuGWVmWI/itL97VNGr7Am6\n"
                                       "rh1cq1DL6ZM2j7spNjgm8R739bIaVMtFz5LvT/2tg0BZcFg6HjqbY9eQte45ZU0r\n"
                                       "rNFSVQfTlK+Els1cUj27d1dtyEs8f3sSBQIDAQAB\n"
                                       "-----END RSA PUBLIC KEY-----\n";
inline const QByteArray kOtherRsaPem = "-----BEGIN PUBLIC KEY-----\n"
                                       "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtwMP8xSOZtSNyqJTdCLc\n"
                                       "wZbzKhqK7frCyuOesmB/UxPubtkdits/lXFMZLSRnTema0tec56JwU7F45iy0Wr4\n"
                                       "tLeTVZoz/TTQETmUqifhL1lptJUrt+YCvwYnIZUvmMhilUxP9f9xbPNOEKdTyRYH\n"
                                       "mRE+uAY0vMU1ZCADfBT5pjWDCuwNDeWctunMeUnoSFvbixkG44IzlrBL8E4brIuf\n"
                                       "1MsyZtKvqWd2aET1yLOH+L33iiCzieRM+F1OM5l4PjjLWIUVY57evx7u6S34UjP3\n"
                                       "JjykTfU7n7BTs3wDnyO+T6tjKJuxE5cGdjWJZv3GhnBjz+vLBaGN9FetiSZQuGep\n"
                                       "YQIDAQAB\n"
                                       "-----END PUBLIC KEY-----\n";
inline const QByteArray kWeakRsaPem = "-----BEGIN PUBLIC KEY-----\n"
                                      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDz2sUKLv3Lenv7zViQwWhCZG1z\n"
                                      "U0ZjAhcRX8fE3mVB8ihDPsUPGir6w+wPaJFT6ZW8XyRp6vqoaTJlUf84hiHdiRgA\n"
                                      "A8la85bb+d0csuAyQOQvUfEuzuM/lkTisGqgqrC1nkJZ/hjWeiWFRYF+y0wtwNdX\n"
                                      "IJv+IAVMFmLh7A+hjwIDAQAB\n"
                                      "-----END PUBLIC KEY-----\n";
inline const QByteArray kP256PrivatePem = "-----BEGIN PRIVATE KEY-----\n"
                                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/WcAZC3j+wDvPjXM\n"
                                          "/sFtj1WEVGw+2yjS6TYZLsgslVGhRANCAATy1UBYiIwx9JCUxOTLhS6G48qPUw9X\n"
                                          "aGAenlJNmoHHpz5VKydlbwZpKM0OpfVL2kiN5IrBXiq6MZFrYXM1JbrM\n"
                                          "-----END PRIVATE KEY-----\n";
inline const QByteArray kP256Pem = "-----BEGIN PUBLIC KEY-----\n"
                                   "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8tVAWIiMMfSQlMTky4UuhuPKj1MP\n"
                                   "V2hgHp5STZqBx6c+VSsnZW8GaSjNDqX1S9pIjeSKwV4qujGRa2FzNSW6zA==\n"
                                   "-----END PUBLIC KEY-----\n";
inline const QByteArray kP384PrivatePem = "-----BEGIN PRIVATE KEY-----\n"
                                          "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDeDuWFbpW64EHmj/Nr\n"
                                          "I1nTw7b0TKLV7xxiUN9M5jEYUrsIi9UFbm8i6EzgzAb/cqWhZANiAAQGQED0MOZq\n"
                                          "F4BR2gCeGGp3Ug6E4bBxYascQ5uN1pjMeH72z1ZkA8zTTnL8yFyv0EiEgr/HFA0d\n"
                                          "Fca3uT5CPyIgWR3YfvllDlq6TL1PugtDiFQI7BLfJ/kez+mUInhGV2E=\n"
                                          "-----END PRIVATE KEY-----\n";
inline const QByteArray kP384Pem = "-----BEGIN PUBLIC KEY-----\n"
                                   "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEBkBA9DDmaheAUdoAnhhqd1IOhOGwcWGr\n"
                                   "HEObjdaYzHh+9s9WZAPM005y/Mhcr9BIhIK/xxQNHRXGt7k+Qj8iIFkd2H75ZQ5a\n"
                                   "uky9T7oLQ4hUCOwS3yf5Hs/plCJ4Rldh\n"
                                   "-----END PUBLIC KEY-----\n";
inline const QByteArray kP521Pem = "-----BEGIN PUBLIC KEY-----\n"
                                   "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAikmquRunajfR7HsKgVyNhPieM/Bg\n"
                                   "0hbHhA5JTsPF7v5IGGHJEEMl//RiM/hPEYxqKvGqURfCFs1+Mt7hpNhd9msBNA3p\n"
                                   "wkCBqSEyrGQRWPRcu5WPtpTlf4DRgO5UkvjOe6S9OnoAl7t/q6nEt5LTdxQLs1D6\n"
                                   "kDfYsuRKL2bJTEtpZrE=\n"
                                   "-----END PUBLIC KEY-----\n";
inline const QByteArray kCertificatePem = "-----BEGIN CERTIFICATE-----\n"
                                          "MIICrTCCAZWgAwIBAgIBBzANBgkqhkiG9w0BAQsFADAZMRcwFQYDVQQDDA5pc3N1\n"
                                          "ZXIuZXhhbXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEX\n"
                                          "MBUGA1UEAwwOaXNzdWVyLmV4YW1wbGUwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAw\n"
                                          "ggEKAoIBAQDYHKUx6oz21d+JqiWGR6xqpJDhl8DlKUAfD5U/v8GbHXpIOhPPvR56\n"
                                          "PrDozgwtuhFdkpoo0KSpecOIa/E37QcD/T3Ezq4ZZCld612TzdX1yiUARC1iSrqc\n"
                                          "L4JxBI5i6Os0NRt3K72eshNXVAkRbqow6+b2vmSCZwZWqRS/b8zZ+TS45KwQTSoI\n"
                                          "G8eSU+hE2AycLKe+jm+N0vEyjUDjNd0kBg7rQdNHty4ZZWZYj+K0v3tU0avsCbqu\n"
                                          "HVyrUMvpkzaPuyk2OCbxHvf1shpUy0XPku9P/a2DQFlwWDoeOptj15C17jllTSus\n"
                                          "0VJVB9OUr4SWzVxSPbt3V23ISzx/exIFAgMBAAEwDQYJKoZIhvcNAQELBQADggEB\n"
                                          "ADF9n8QuiNBP2cAAnOAFoj4Cd6jZ6TlZkhZ9yYPrgn4+Sdo6rDXSwPWUW3sZ4C4Z\n"
                                          "s8Kwp0wNzgXrBKNuva2fkFuI4WRJ8Cp/V8Y4k77hNoeowSJLFPjRwCq4TylD5UVI\n"
                                          "u6bMx/nANWPZyp6Q/vjmPmJzYKhFCsNinxOVrWPrW0ofhdylMq7UGiM2HLMy8EjF\n"
                                          "kPavJocXNQwcPdZDAA6GUrHaFb2M09hkEgt+R96zz+TRjIimqL/ciq2alF2Ew+XL\n"
                                          "fu80+O0o6Rd8RzxdhEuS381Q3iV1sYfy3ZhEjwN+KSOU0OB74cg/FKoZM8WnlPjp\n"
                                          "YRSOdFvaQN2lYyK2e8e3C2o=\n"
                                          "-----END CERTIFICATE-----\n";
inline const QByteArray kExpiredCertificatePem = "-----BEGIN CERTIFICATE-----\n"
                                                 "MIICqzCCAZOgAwIBAgIBBzANBgkqhkiG9w0BAQsFADAZMRcwFQYDVQQDDA5pc3N1\n"
                                                 "ZXIuZXhhbXBsZTAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMBkxFzAV\n"
                                                 "BgNVBAMMDmlzc3Vlci5leGFtcGxlMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIB\n"
                                                 "CgKCAQEA2BylMeqM9tXfiaolhkesaqSQ4ZfA5SlAHw+VP7/Bmx16SDoTz70eej6w\n"
                                                 "6M4MLboRXZKaKNCkqXnDiGvxN+0HA/09xM6uGWQpXetdk83V9colAEQtYkq6nC+C\n"
                                                 "cQSOYujrNDUbdyu9nrITV1QJEW6qMOvm9r5kgmcGVqkUv2/M2fk0uOSsEE0qCBvH\n"
                                                 "klPoRNgMnCynvo5vjdLxMo1A4zXdJAYO60HTR7cuGWVmWI/itL97VNGr7Am6rh1c\n"
                                                 "q1DL6ZM2j7spNjgm8R739bIaVMtFz5LvT/2tg0BZcFg6HjqbY9eQte45ZU0rrNFS\n"
                                                 "VQfTlK+Els1cUj27d1dtyEs8f3sSBQIDAQABMA0GCSqGSIb3DQEBCwUAA4IBAQA6\n"
                                                 "giWXSc1tyJ21k3XboLKWAt1B9nDEhzwfcnXaGYz3LvZg9M95tROlEfZns/5/6l/V\n"
                                                 "MMF8YTUV3R38L9j69Y83XrkLn1dft3khGsfYQeNQYZzhf/I+nEue1if9rNBkHVnC\n"
                                                 "VDFKOdhPcYYYPlcuzee11D2epebP2sTnV8szPILddkxZlTWX/Z3h4PJpyh3pdFUe\n"
                                                 "aFOKnEwuPI7LVzae2JpCtsmBDsHdJnPWZ7HeiTKXk/x0CfYMIIAHGdRFn07IGn6i\n"
                                                 "nKda/c/kinT6ec4N/O1zKDENsofbwOI259kI4t6TCxwZdcb6uULIhvrdtX5pCVnj\n"
                                                 "WDIv9Kk8uHLq2yyAXN2V\n"
                                                 "-----END CERTIFICATE-----\n";
inline const QByteArray kRsaJwk
    = R"({"kty": "RSA", )"
      R"("n": "2BylMeqM9tXfiaolhkesaqSQ4ZfA5SlAHw-VP7_Bmx16SDoTz70eej6w6M4MLboRXZKaKNCkqXnDiGvxN-0HA_09xM6uGW)"
      R"(QpXetdk83V9colAEQtYkq6nC-CcQSOYujrNDUbdyu9nrITV1QJEW6qMOvm9r5kgmcGVqkUv2_M2fk0uOSsEE0qCBvHklPoRNgMnC)"
      R"(ynvo5vjdLxMo1A4zXdJAYO60HTR7cuGWVmWI_itL97VNGr7Am6rh1cq1DL6ZM2j7spNjgm8R739bIaVMtFz5LvT_2tg0BZcFg6Hj)"
      R"(qbY9eQte45ZU0rrNFSVQfTlK-Els1cUj27d1dtyEs8f3sSBQ", )"
      R"("e": "AQAB"})";
inline const QByteArray kP256Jwk = R"({"kty": "EC", )"
                                   R"("crv": "P-256", )"
                                   R"("x": "8tVAWIiMMfSQlMTky4UuhuPKj1MPV2hgHp5STZqBx6c", )"
                                   R"("y": "PlUrJ2VvBmkozQ6l9UvaSI3kisFeKroxkWthczUlusw"})";
inline const QByteArray kP384Jwk = R"({"kty": "EC", )"
                                   R"("crv": "P-384", )"
                                   R"("x": "BkBA9DDmaheAUdoAnhhqd1IOhOGwcWGrHEObjdaYzHh-9s9WZAPM005y_Mhcr9BI", )"
                                   R"("y": "hIK_xxQNHRXGt7k-Qj8iIFkd2H75ZQ5auky9T7oLQ4hUCOwS3yf5Hs_plCJ4Rldh"})";
inline const QByteArray kHs256Token
    = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.6cYPcGKZUPJvUzON-n4FJg_9fF3gLqyAg-ZHi4gFANA";
inline const QByteArray kHs384Token
    = "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.lKDkEQO8wkyN-xQ9ojUGe5eNtBlSaksl-cK2EsGZQaGyFotkqO9cSoy2v2Q0RPit";
inline const QByteArray kHs512Token
    = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.b7EcDS2d0u_l_9Vg9svQU8t5kKdon9UykjJov6z4A4w8E3NoSqYtFzCKCwbDnvwK38Vn"
      "hYIsOsQzLufLeTtNjQ";
inline const QByteArray kRs256Token
    = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.v8cWGazq71v4Glp18ZtGrj7zpiq6VDJmQXZu2q-0SbXD9oeeETYceMWRIEG5fCUUC3wj"
      "5SEZkJ-w9yFj4jN3sIu1WYWf-8tLKoYR1VdLgGs2cAsEQhx0lF9xD_pFTPLFV3lOJwpFzYGt01Nc6_9e-ztgUdYtY7gnInamvTmy"
      "6gJKlYcW4etVgthEcpKB14QnxOQ48o7_ON16wl1c4Bn_kpqY02hqYlLq04j1vLEX7u6stx5T3Ze_8lSMqwkx3PziIiaijVNa_aJ0"
      "_u2u5ayZAc_L2L3nWbXZcCo0SAmDFgCof55w-YhE2f5LAnV9B0ok2_Znttra-Nms8oFwvhlRQA";
inline const QByteArray kRs384Token
    = "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.E948KUJFxAq2rBSgc01zEmsN_wmjOqhupXq70eDDl0XC_1Lr7DIj0j2rxLYGDntj3etr"
      "oDYZDGLd4S3x9P9D7HbspyQ9ULHahSTJtW8QvDqA1SltQ9dcmcHJOjvQrIs1WXaX50O5x4OoqtU5ZPQtLZ61eyGzb6QIFmJg0ip0"
      "_gPRelGjQf4MB9jfOSWSNsuTVm2eXNB2xK9PiS1qmYblJyF-DmNUCf-ksDIGR75jBI427skyyMvy-rDDFqkul5wo7mI3X8KmJueL"
      "Nm9rSBw6VICMO0efNmrsCIUCKrhjgBT807aYfbSxRtkWL4Al6Wq9ll-c8NyyXdgYi0QHw6-jAw";
inline const QByteArray kRs512Token
    = "eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.VFUvodsQrAr_QSwHA1xTp8JXrBITTjVCrgximXWSFB1zYuxTMHIkbZPBwRr9JgITwztQ"
      "JAsxWLoFGxDhdO15UNYUEnAXKoH0Cw-NNHtVAQ6CzTO044snnhCnWpMDsw2VM7lQM23dxDGN0Y06e2z_qzA9Ss5ZCcp4tv-N10X3"
      "eRwojDf7yEzV2xlEjYLrKsGvt-a1b7ctsLzb6E9AywYqHj66qknFEL51TEpzWsKyA7iF8jqZ9VRvULf43UN-7vYNUyXCLMEI-Ha1"
      "bPq9pui6bihH63LZnFEg89XfvtEaLAqPMJsLnMKsXU-Qvn4sXjZI1nZBfPkgLW_ExFtrQ-QCaA";
inline const QByteArray kPs256Token
    = "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.WJ_NgVP6PMcz4tDeLyn2-bsk7oue-cKitj_UKlNbSQPWtD7fFmm1aC7hPQoGl8wItWzX"
      "JpXriXu2tCQBZhTz1ePnVXzcYSeCcLi_nd1Oh5EP4lNlZTkQ_wwE0BlVoz6XjtU0kVpLHrRTLXb00NQ2JFgnPnRaGWZGiAMKc50_"
      "vJXEy6FNvBpqUCkBbwvcjVJ-l_AdfWSXW9ywkdZcw1h3_QJVEP-96eqcbEeNO8IPs-4Saxl2BGXSUGuK7oSAHReXa2yCkx10VXTF"
      "AkDDP7f7J4TgULg0t-RLc6nW4KbOxF44UaLC0siYwvnCMgAxuMqSzc1X8M7p2iCbUchF-BBU8g";
inline const QByteArray kEs256Token
    = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ.07ufPvLaUUb8Dz1csSUxek-ZwS-bUeDpcizNPiiVOljCqrClL65-o5sZS1vUfGhpZHpy"
      "N4YoiBVg3EPPb3hT7w";
inline const QByteArray kEs384Token
    = "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE"
      "3NjI3NzYwMDAsInVzZXJfaWQiOjQyfQ._E8-u9HQeyw9LAtUlQN51wrg3asFtKRrYISi1LgYgRwo95P9UcNOH4vH_gZT-R6wtLMX"
      "KegVXN7zPOi67FgV8387JnMyQtZOru7_UE3mLi8VWfCttFL3CuycOvEUxV1w";

} // namespace gatehouse::testkeys
