# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options by which every module of the collection reaches IoTDA."""

    DOCUMENTATION = r"""
options:
  auth_token:
    description:
      - An IAM token, sent as C(X-Auth-Token).
      - When it is not given, the environment variables E(HW_AUTH_TOKEN) and E(OS_AUTH_TOKEN) are looked at, in this
        order, if no other credential is given as an option.
    type: str
  access_key:
    description:
      - The ID of an access key (AK). Needs O(secret_key), and O(security_token) where the key is a temporary one.
      - When neither O(auth_token) nor keys are given, the environment variables E(HUAWEICLOUD_SDK_AK),
        E(HW_ACCESS_KEY) and E(OS_ACCESS_KEY) are looked at, in this order, each together with the secret key of the
        same family.
    type: str
  secret_key:
    description:
      - The secret access key (SK), which signs the requests and is never sent.
      - Taken from E(HUAWEICLOUD_SDK_SK), E(HW_SECRET_KEY) or E(OS_SECRET_KEY) together with the access key of the same
        family.
    type: str
  security_token:
    description:
      - The security token of a temporary access key.
      - Taken from E(HUAWEICLOUD_SDK_SECURITY_TOKEN) or E(HW_SECURITY_TOKEN) together with the access key of the same
        family.
    type: str
  region:
    description:
      - The name of the region, such as V(cn-north-4). A region that the host of O(endpoint) names comes first.
      - Taken from E(HW_REGION_NAME) or E(OS_REGION_NAME) when it is not given.
    type: str
  project_id:
    description:
      - The ID of the project.
      - Taken from E(HUAWEICLOUD_SDK_PROJECT_ID), E(HW_PROJECT_ID) or E(OS_PROJECT_ID) when it is not given.
    type: str
  instance_id:
    description:
      - The ID of the IoTDA instance, of at most 36 characters, sent as C(Instance-Id).
      - Taken from E(HUAWEICLOUD_IOTDA_INSTANCE_ID) when it is not given.
    type: str
  endpoint:
    description:
      - Where IoTDA is, with or without C(https://). Standard and enterprise instances have a host of their own, which
        the console shows as application access address.
      - Plain C(http://) is refused, except to a loopback address or with O(validate_certs=false).
      - Taken from E(HUAWEICLOUD_IOTDA_ENDPOINT) when it is not given. Without either, it is
        C(https://iotda.{region}.myhuaweicloud.com).
    type: str
  signing:
    description:
      - How access keys sign. With V(auto), V(derived) (C(V11-HMAC-SHA256)) where the host contains C(.iotda-app.), as
        that of a standard or enterprise instance does, and V(standard) (C(SDK-HMAC-SHA256)) elsewhere.
    type: str
    default: auto
    choices:
      - auto
      - standard
      - derived
  validate_certs:
    description:
      - Whether to verify TLS certificates. V(false) wins over O(ca_path) and over E(REQUESTS_CA_BUNDLE).
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory of CA certificates to trust in place of those of C(requests).
      - Taken from E(OS_CACERT) when it is not given.
    type: path
  timeout:
    description:
      - How many seconds one HTTP attempt may take to connect, and be silent while the answer is read.
    type: float
    default: 30
  retry_timeout:
    description:
      - For how many seconds one request may go on being retried in all, waiting for a throttle included. With V(0) it is
        sent once.
    type: float
    default: 120
requirements:
  - python >= 3.9
  - requests >= 2.28
notes:
  - The first source that names any credential is used whole, in the order options, environment. Inside one source, a
    token comes before keys.
  - Environment variables are those of the Python process that runs the module, on the host where it runs.
"""
