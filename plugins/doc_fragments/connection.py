# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How everything in the collection reaches Huawei Cloud, and how the modules reach one instance of IoTDA."""

    DOCUMENTATION = r"""
options:
  auth_token:
    description:
      - An IAM token, sent as C(X-Auth-Token).
      - Taken from E(HW_AUTH_TOKEN) or E(OS_AUTH_TOKEN), unless a credential is given as an option.
    type: str
  access_key:
    description:
      - The ID of an access key (AK). Needs O(secret_key), and O(security_token) if the key is temporary.
      - Taken from E(HUAWEICLOUD_SDK_AK), E(HW_ACCESS_KEY) or E(OS_ACCESS_KEY), unless a credential is given as an
        option or the environment contains a token. The secret key comes from the variable with the same prefix.
    type: str
  secret_key:
    description:
      - The secret access key (SK), which signs the requests and is never sent.
      - Taken from E(HUAWEICLOUD_SDK_SK), E(HW_SECRET_KEY) or E(OS_SECRET_KEY), if the access key comes from the
        variable with the same prefix.
    type: str
  security_token:
    description:
      - The security token of a temporary access key.
      - Taken from E(HUAWEICLOUD_SDK_SECURITY_TOKEN) or E(HW_SECURITY_TOKEN), if the access key comes from the variable
        with the same prefix.
    type: str
  username:
    description:
      - The name of an IAM user, who logs in to IAM to obtain a token. Needs O(password) and O(domain_name).
      - Taken from E(HW_USER_NAME) or E(OS_USERNAME), unless a credential is given as an option or the environment
        contains a token or keys. The password and the account come from the variables with the same prefix.
    type: str
  password:
    description:
      - The password of the IAM user, which is sent to IAM only.
      - Taken from E(HW_USER_PASSWORD) or E(OS_PASSWORD), if the user name comes from the variable with the same prefix.
    type: str
  domain_name:
    description:
      - The name of the account to which the IAM user belongs.
      - Taken from E(HW_DOMAIN_NAME), or from E(OS_DOMAIN_NAME) or E(OS_USER_DOMAIN_NAME), if the user name comes from
        the variable with the same prefix.
    type: str
  agency_name:
    description:
      - The name of an IAM agency. The access keys are exchanged at IAM for temporary keys of this agency, which are
        used for everything else, including the project lookup, and are renewed before they expire.
      - Needs O(agency_domain_name) and access keys. Combining it with a token or a password is an error.
      - If omitted, taken from E(HW_ASSUME_ROLE_AGENCY_NAME).
    type: str
  agency_domain_name:
    description:
      - The name of the account that created the agency.
      - If omitted, taken from E(HW_ASSUME_ROLE_DOMAIN_NAME).
    type: str
  credentials_file:
    description:
      - The INI file in which the SDK of Huawei Cloud keeps credentials, in its section C([basic]).
        Values are read as the SDK reads them, so a percent sign is written C(%%).
      - If set as an option, it is the only source of credentials. Credentials in the environment are ignored, and a
        missing file or section is an error. It cannot be combined with O(profile), O(config_file), or credentials given
        as options.
      - If omitted, taken from E(HUAWEICLOUD_SDK_CREDENTIALS_FILE), else C(~/.huaweicloud/credentials). In these cases
        it is used only if neither the options nor the environment contain credentials.
    type: path
  config_file:
    description:
      - The configuration file of KooCLI (C(hcloud)), in which credentials must not be encrypted.
      - If set as an option, it is the only source of credentials. Credentials in the environment are ignored, and a
        missing file or profile is an error. It cannot be combined with O(credentials_file), or credentials given as
        options.
      - If omitted, taken from E(HW_SHARED_CONFIG_FILE), else C(~/.hcloud/config.json). In these cases it is used only
        if the options, the environment and O(credentials_file) contain no credentials.
    type: path
  profile:
    description:
      - The profile of O(config_file) to use. If omitted, taken from E(HW_PROFILE), else the current profile.
      - If set as an option, O(config_file) is the only source of credentials, and the region and project of the profile
        take precedence over the environment.
    type: str
  region:
    description:
      - The name of the region, such as V(cn-north-4).
      - If omitted, taken from E(HW_REGION_NAME) or E(OS_REGION_NAME), else from the profile that has the credentials.
    type: str
  project_id:
    description:
      - The ID of the project. It takes precedence over O(project_name).
      - The first of these counts. (1) The option O(project_id), then O(project_name). (2) The ID in
        E(HUAWEICLOUD_SDK_PROJECT_ID), E(HW_PROJECT_ID) or E(OS_PROJECT_ID). (3) The name in E(HW_PROJECT_NAME) or
        E(OS_PROJECT_NAME), looked up at IAM. (4) The project in the file that has the credentials. (5) The project with
        the name of the region, looked up at IAM.
      - If an option names the file, (4) comes before (2).
    type: str
  project_name:
    description:
      - The name of the project, whose ID is looked up at IAM. O(project_id) takes precedence.
      - If there is no project ID in the options or the environment, taken from E(HW_PROJECT_NAME) or
        E(OS_PROJECT_NAME).
    type: str
  iam_endpoint:
    description:
      - The endpoint of IAM, with or without C(https://). A trailing C(/v3) is dropped. It is used only for a password,
        an agency or an ID token, or to look up the project.
      - If omitted, taken from E(HUAWEICLOUD_SDK_IAM_ENDPOINT), E(HW_AUTH_URL) or E(OS_AUTH_URL).
        The default is C(https://iam.{region}.myhuaweicloud.com).
    type: str
  signing:
    description:
      - How requests to IoTDA are signed with access keys, either V(standard) (C(SDK-HMAC-SHA256)) or V(derived)
        (C(V11-HMAC-SHA256)).
      - V(auto) means V(derived) if the endpoint contains C(.iotda-app.) (standard and enterprise instances), else
        V(standard).
    type: str
    default: auto
    choices: [auto, standard, derived]
  validate_certs:
    description:
      - If true, TLS certificates are verified. V(false) overrides O(ca_path), E(REQUESTS_CA_BUNDLE) and
        E(CURL_CA_BUNDLE).
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory of CA certificates to trust instead of the ones that C(requests) trusts.
      - If omitted, taken from E(OS_CACERT).
    type: path
  timeout:
    description:
      - A limit in seconds, from V(0.001) to V(3600), for each part of one HTTP attempt. The parts are connecting, each
        wait for data, and reading the body of the response as a whole.
      - If the host name has several addresses, this is the time to connect to each of them.
    type: float
    default: 30
  retry_timeout:
    description:
      - No further attempt of a request begins after this many seconds, at most V(86400). Waits that the service asks
        for with C(Retry-After) are included. With V(0), each request is sent once.
    type: float
    default: 120
requirements:
  - python >= 3.9
  - requests >= 2.28
notes:
  - Only the first source that contains any credentials is used, unless an option names another source. Sources are
    never mixed. The order is options, environment, SDK credentials file, KooCLI configuration file, the metadata
    service of the ECS that runs the module, and the pod identity of CCE. Within one source, a token comes first, then
    an ID token, keys, and a password.
  - An ID token can be set only through environment variables. For an agency that trusts an OIDC provider, the
    variables are E(HUAWEICLOUD_OIDC_PROVIDER_URN) and E(HUAWEICLOUD_OIDC_AGENCY_URN) with
    E(HUAWEICLOUD_OIDC_ID_TOKEN) or E(HUAWEICLOUD_OIDC_TOKEN_FILE), and optionally E(HUAWEICLOUD_OIDC_SESSION_NAME),
    E(HUAWEICLOUD_OIDC_DURATION_SECONDS), E(HUAWEICLOUD_OIDC_POLICY), E(HUAWEICLOUD_OIDC_POLICY_IDS) and
    E(HUAWEICLOUD_SDK_STS_ENDPOINT). For an identity provider of IAM, they are E(HUAWEICLOUD_SDK_IDP_ID) with
    E(HUAWEICLOUD_SDK_ID_TOKEN_FILE), or E(HW_ASSUME_ROLE_IDP_ID) with E(HW_ASSUME_ROLE_ID_TOKEN) or
    E(HW_ASSUME_ROLE_ID_TOKEN_FILE).
  - Pod identity is read from E(HC_CONTAINER_CREDENTIALS_FULL_URI) and E(HC_CONTAINER_AUTHORIZATION_TOKEN_FILE).
  - Credentials that expire are renewed in time, even in the middle of a long run, except tokens and temporary keys that
    you obtained yourself.
  - Environment variables are read on the host where the module or plugin runs.
"""

    INSTANCE = r"""
options:
  instance_id:
    description:
      - The ID of the IoTDA instance, of at most 36 characters, sent as C(Instance-Id).
      - If omitted, taken from E(HUAWEICLOUD_IOTDA_INSTANCE_ID).
    type: str
  endpoint:
    description:
      - The endpoint of IoTDA, with or without C(https://). Each standard or enterprise instance has its own, which the
        console shows under Access Details as the application access address. A region in the endpoint takes precedence
        over O(region).
      - Plain C(http://) is refused, except to a loopback address or with O(validate_certs=false).
      - If omitted, taken from E(HUAWEICLOUD_IOTDA_ENDPOINT). The default is
        C(https://iotda.{region}.myhuaweicloud.com).
    type: str
"""
