// The transfer of docs/reference/ledger.md 14.1: profile 1 to profile 0, value 77, nonce 1, chain 0; valid on the
// default genesis.
const kSender =
  'ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGBzavFJcxAzjjBRM4eF';
const kReceiver =
  'oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu';

export const kTransfer = {
  id: '47268c27fa611d615cc17861412f5ee7961e5727530ff1933a01b9b0eea2a44c',
  sender: kSender,
  receiver: kReceiver,
  bytes: Buffer.from(
    '01ec00000000000000008750919e713c45c08ada51c56baaeae98ae8e26935934c5857a0a864e8b9e3c3ace18ed77ae0b064' +
    'cab369a8bf90bc72027573b53831e7a84ada02473015f50410ec66d987073c8928d6bbd4f2c309c8b57e8cf7dc8e37253f86' +
    '6ade47fcb33c0186210986871b1690b405458ace24bc6e68253a4ad97326f535568614f1c6d2e3f1c719f51906452e74446b' +
    'd508af8bee014707cba8e4ef8e712aecdffd72f0c1a226164f434883fc6b666a2b61e4e4af5cb75dd6e551a28ada83477aab' +
    'c75aa64d0000000000000000000000000000000065cd1d00000000010000000000000000010000000000000000b73f5622e8' +
    '968c8a8cc8584e8a455ceb531628dc69fbd499f37fa0dbdfb42676b9bad378aaf5b950e650bbfcd9c39a4c',
    'hex',
  ),
  // rkyv form of the keys (docs/reference/ledger.md 14)
  senderRkyv: Buffer.from(
    'a70c3b640848445d3ab9553aa9b1c338fa08363dfe714b236c4f8817182277bc06ed69dce3e73dda13a748b23fabcd0825e4' +
    'fe20e50929bf05ab654f40afe5fe6fe91ee75492f6dff3848bbb4b18aa9f5af52f6c8ca50f9d5e53d13e10b41600a42d1c95' +
    'f5f8bf53b247580ab85609dca7162e99a83a123787fe8f27481362acac7ed0a24f2a6873336fdd7721d2bd0517666fd3b2eb' +
    '00632e55991f655e2cfb57946392a3e461db34b35bf3e406c9c4333462a3386fa2d547cc5271a90f1d180000000000000000',
    'hex',
  ),
  receiverRkyv: Buffer.from(
    'a7d4f3b300143398de3bb3dbd8bc028c9c3dc3f96ef4232d90f56f50792cc06099d8ac05b26c31b719101434867af3032222' +
    '3d12e05a86423fb2b34624098dea043e30f8c6b8a3ae6e6a34f9307727bef4bbee8f9e14682300a6a5ba0a21180c711ce0dc' +
    '6fc302522e18e9ad64a18881a2c2cfc636ffbd2c78cfd4d902986e167004ef61290902e259f3a10751742a0506f85a74dcc5' +
    '3877d60249427b3420bed341d11b3f56a61be4262bc87abd55ba651033583772d46147f1d7996cb9da050000000000000000',
    'hex',
  ),
  // for a block with only this transaction, in Boreas form (docs/reference/rusk-1.7.md 7.1)
  txroot: 'b4741c9150b1864e1140ae0d0fc1e1efa9837cb5c4653a9bd51f3024d682f746',
  json: {
    type: 'moonlight',
    sender: kSender,
    receiver: kReceiver,
    value: 77,
    nonce: 1,
    deposit: 0,
    fee: { gas_limit: '500000000', gas_price: '1', refund_address: kSender },
    call: null,
    is_deploy: false,
    memo: null,
  },
};
