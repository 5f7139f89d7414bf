// Uses the unmodified official client against the cloud under test; prints what it saw as JSON.
// Arguments: base URL, AccountSid, AuthToken, callback URL.
"use strict";

const twilio = require("twilio");

const [baseUrl, accountSid, authToken, callbackUrl] = process.argv.slice(2);

function clientFor(token) {
  const client = twilio(accountSid, token);
  client.supersim.baseUrl = baseUrl;
  return client.supersim.v1;
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status, code: error.code, moreInfo: error.moreInfo };
  }
  return "was not refused";
}

async function main() {
  const api = clientFor(authToken);
  const sids = [];
  for (let number = 0; number < 120; number += 1) {
    const created = await api.ipCommands.create({
      sim: "alice",
      payload: `number ${number}`,
      devicePort: 4242,
    });
    sids.push(created.sid);
  }
  const created = await api.ipCommands.create({
    sim: "alice",
    payload: Buffer.from([0, 255, 26]).toString("base64"),
    payloadType: "binary",
    devicePort: 42,
    callbackUrl,
    callbackMethod: "GET",
  });
  let fetched = created;
  while (fetched.status === "queued") {
    fetched = await api.ipCommands(created.sid).fetch();
  }
  const listed = await api.ipCommands.list({ direction: "to_sim" });
  const inSevens = await api.ipCommands.list({ pageSize: 7, limit: 30 });
  const fleet = await api.fleets.create({
    networkAccessProfile: "everywhere",
    uniqueName: "from node",
    ipCommandsUrl: callbackUrl,
  });
  const sim = await api.sims.create({
    iccid: "89883070000123456789",
    registrationCode: "H3LL0W0RLD",
  });
  const moved = await api.sims(sim.sid).update({ uniqueName: "node", fleet: "from node" });
  const scheduled = await api.sims("node").update({ status: "ready" });
  console.log(
    JSON.stringify({
      created: created.toJSON(),
      fetched: fetched.toJSON(),
      dateCreated: fetched.dateCreated.toISOString(),
      newestFirst:
        JSON.stringify(listed.map((command) => command.sid)) ===
        JSON.stringify([created.sid, ...sids.reverse()]),
      inSevens: inSevens.length,
      failedOnes: (await api.ipCommands.list({ status: "failed" })).length,
      fleet: fleet.toJSON(),
      moved: moved.toJSON(),
      scheduled: scheduled.status,
      sims: (await api.sims.list()).map((item) => item.uniqueName),
      unknownSim: await refusal(
        api.ipCommands.create({ sim: "nobody", payload: "x", devicePort: 1 })
      ),
      unknownSid: await refusal(api.ipCommands("HG" + "0".repeat(32)).fetch()),
      badToken: await refusal(clientFor("wrong").ipCommands.list()),
      badFilter: await refusal(api.ipCommands.list({ status: "asleep" })),
    })
  );
}

main();
