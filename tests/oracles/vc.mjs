// An independent verifier and issuer (@digitalbazaar/vc): reads one JSON request, writes one JSON reply.
import * as EcdsaMultikey from "@digitalbazaar/ecdsa-multikey";
import * as Ed25519Multikey from "@digitalbazaar/ed25519-multikey";
import {DataIntegrityProof} from "@digitalbazaar/data-integrity";
import * as ecdsaJcs from "@digitalbazaar/ecdsa-jcs-2019-cryptosuite";
import * as ecdsaRdfc from "@digitalbazaar/ecdsa-rdfc-2019-cryptosuite";
import * as jcs from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import * as rdfc from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import * as vc from "@digitalbazaar/vc";
import {readFileSync} from "node:fs";

const request = JSON.parse(readFileSync(0, "utf8"));
const documentLoader = async url => {
  const document = request.documents[url];
  if (!document) throw new Error(`not supplied: ${url}`);
  return {contextUrl: null, documentUrl: url, document};
};
const suites = {
  "eddsa-rdfc-2022": {verify: rdfc.cryptosuite, sign: rdfc.cryptosuite},
  "ecdsa-rdfc-2019": {verify: ecdsaRdfc.cryptosuite, sign: ecdsaRdfc.cryptosuite},
  "ecdsa-jcs-2019": {verify: ecdsaJcs.createVerifyCryptosuite?.(), sign: ecdsaJcs.createSignCryptosuite?.()},
  "eddsa-jcs-2022": {verify: jcs.createVerifyCryptosuite?.(), sign: jcs.createSignCryptosuite?.()},
};

async function issuer() {
  const keys = request.suite.startsWith("ecdsa") ? EcdsaMultikey : Ed25519Multikey;
  const keyPair = await keys.from(request.key);
  return new DataIntegrityProof({signer: keyPair.signer(), cryptosuite: suites[request.suite].sign});
}

const actions = {
  async verify() {
    const suite = new DataIntegrityProof({cryptosuite: suites[request.suite].verify});
    const checkStatus = async () => ({verified: true});
    const result = await vc.verifyCredential({credential: request.credential, suite, documentLoader, checkStatus});
    const errors = (result.error?.errors ?? (result.error ? [result.error] : [])).map(error => String(error?.message ?? error));
    return {verified: result.verified, errors};
  },
  async issue() {
    return {credential: await vc.issue({credential: request.credential, suite: await issuer(), documentLoader})};
  },
  async bench() {
    const suite = await issuer();
    const copies = Array.from({length: request.count}, () => structuredClone(request.credential));
    for (const credential of copies.slice(0, 20)) await vc.issue({credential, suite, documentLoader});
    const begun = performance.now();
    for (const credential of copies) await vc.issue({credential, suite, documentLoader});
    return {per_second: request.count / ((performance.now() - begun) / 1000)};
  },
};
console.log(JSON.stringify(await actions[request.action]()));
