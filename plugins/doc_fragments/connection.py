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
      - Taken from E(HW_AUTH_TOKEN) or E(OS_AUTH_TOKEN) unless an option contains a credential.
    type: str
  access_key:
    description:
      - The ID of an access key (AK). Needs O(secret_key), and O(security_token) if the key is temporary.
      - Taken from E(HUAWEICLOUD_SDK_AK), E(HW_ACCESS_KEY) or E(OS_ACCESS_KEY), each together with the secret key of
        the same family, unless an option contains a credential or the environment contains a token.
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
  username:
    description:
      - The name of an IAM user. Needs O(password) and O(domain_name), which are used to obtain a token from IAM.
      - Taken from E(HW_USER_NAME) or E(OS_USERNAME), each together with the others of the same family, unless an
        option contains a credential or the environment contains a token or keys.
    type: str
  password:
    description:
      - The password of the IAM user, which is sent to IAM only.
      - Taken from E(HW_USER_PASSWORD) or E(OS_PASSWORD) together with the user name of the same family.
    type: str
  domain_name:
    description:
      - The name of the account to which the IAM user belongs.
      - Taken from E(HW_DOMAIN_NAME), or from E(OS_DOMAIN_NAME) or E(OS_USER_DOMAIN_NAME), together with the user name
        of the same family.
    type: str
  agency_name:
    description:
      - The name of an IAM agency. The access keys found are exchanged at IAM for temporary keys of this agency,
        which are used for everything else, including the project lookup. They are renewed before they expire.
      - Needs O(agency_domain_name), and access keys. Combining it with a token or a password is an error.
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
      - If set as an option, it is the only source of credentials. The environment is not used, and a missing file or
        section is an error. It cannot be combined with O(profile), O(config_file) or options that are credentials.
      - If omitted, taken from E(HUAWEICLOUD_SDK_CREDENTIALS_FILE), else C(~/.huaweicloud/credentials). In these cases
        it is used only if neither options nor environment contain credentials.
    type: path
  config_file:
    description:
      - The configuration of KooCLI (C(hcloud)), which must not be encrypted.
      - If set as an option, it is the only source of credentials. The environment is not used, and a missing file or
        profile is an error. It cannot be combined with O(credentials_file) or options that are credentials.
      - If omitted, taken from E(HW_SHARED_CONFIG_FILE), else C(~/.hcloud/config.json). In these cases it is used only
        if no source before it contains credentials.
    type: path
  profile:
    description:
      - The profile of O(config_file) to use. If omitted, the current profile.
      - If set as an option, O(config_file) is the only source of credentials, and region and project of the profile
        take precedence over the environment.
      - If omitted, taken from E(HW_PROFILE).
    type: str
  region:
    description:
      - The name of the region, such as V(cn-north-4).
      - If omitted, taken from E(HW_REGION_NAME) or E(OS_REGION_NAME), else from the profile that has the credentials.
    type: str
  project_id:
    description:
      - The ID of the project.
      - If neither this nor O(project_name) is given, the first of these is used. E(HUAWEICLOUD_SDK_PROJECT_ID),
        E(HW_PROJECT_ID) or E(OS_PROJECT_ID), the project in the file that has the credentials, the project with the
        region's name, whose ID is looked up at IAM.
    type: str
  project_name:
    description:
      - The name of the project. Its ID is looked up at IAM. O(project_id) takes precedence.
      - Taken from E(HW_PROJECT_NAME) or E(OS_PROJECT_NAME) when neither this nor a project ID is given by an option or
        the environment.
    type: str
  iam_endpoint:
    description:
      - The address of IAM, with or without C(https://); a trailing C(/v3) is dropped. Needed only for a password, an
        agency or an ID token, or when the project has to be looked up.
      - If omitted, taken from E(HUAWEICLOUD_SDK_IAM_ENDPOINT), E(HW_AUTH_URL) or E(OS_AUTH_URL).
        The default is C(https://iam.{region}.myhuaweicloud.com).
    type: str
  signing:
    description:
      - How requests to IoTDA are signed with access keys, either V(standard) (C(SDK-HMAC-SHA256)) or V(derived)
        (C(V11-HMAC-SHA256)).
      - V(auto) means V(derived) if the host name contains C(.iotda-app.) (standard and enterprise instances), else
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
      - The connect timeout and the read timeout of one HTTP attempt in seconds, from V(0.001) to V(3600).
      - If a host name has several addresses, each address has this time to connect.
    type: float
    default: 30
  retry_timeout:
    description:
      - Seconds after which no further attempt of a request begins, including the waits that the service requires with
        C(Retry-After), at most V(86400). With V(0), a request is sent once.
    type: float
    default: 120
requirements:
  - python >= 3.9
  - requests >= 2.28
notes:
  - Only the first source that contains any credentials is used, unless an option names another source. Sources are
    never mixed. The order is options, environment, SDK credentials file, KooCLI configuration, the metadata service of
    the ECS that runs the module, and the pod identity of CCE. Within one source, a token comes first, then an ID token,
    keys, and a password.
  - An ID token can only be set through environment variables. For an agency that trusts an OIDC provider, the
    variables are E(HUAWEICLOUD_OIDC_PROVIDER_URN) and E(HUAWEICLOUD_OIDC_AGENCY_URN) with
    E(HUAWEICLOUD_OIDC_ID_TOKEN) or E(HUAWEICLOUD_OIDC_TOKEN_FILE), and optionally E(HUAWEICLOUD_OIDC_SESSION_NAME),
    E(HUAWEICLOUD_OIDC_DURATION_SECONDS), E(HUAWEICLOUD_OIDC_POLICY), E(HUAWEICLOUD_OIDC_POLICY_IDS) and
    E(HUAWEICLOUD_SDK_STS_ENDPOINT). For an identity provider of IAM, they are E(HUAWEICLOUD_SDK_IDP_ID) with
    E(HUAWEICLOUD_SDK_ID_TOKEN_FILE), or E(HW_ASSUME_ROLE_IDP_ID) with E(HW_ASSUME_ROLE_ID_TOKEN) or
    E(HW_ASSUME_ROLE_ID_TOKEN_FILE).
  - Pod identity is read from E(HC_CONTAINER_CREDENTIALS_FULL_URI) and E(HC_CONTAINER_AUTHORIZATION_TOKEN_FILE).
  - All credentials that expire are renewed in time, except tokens and temporary keys that were obtained elsewhere.
  - Environment variables are read in the Python process that runs the module or plugin, on the host where it runs.
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
      - The address of IoTDA, with or without C(https://). Standard and enterprise instances have their own host name,
        which the console shows as the application access address. A region in this host name takes precedence over
        O(region).
      - Plain C(http://) is refused, except to a loopback address or with O(validate_certs=false).
      - If omitted, taken from E(HUAWEICLOUD_IOTDA_ENDPOINT). The default is
        C(https://iotda.{region}.myhuaweicloud.com).
    type: str
"""
