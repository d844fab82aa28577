/** What names are made from that nobody chose: whoever compares what was printed knows them by it. Pure. */

export const qualities =
  "able amber bold brave brisk bright calm clear clever crisp deft eager even fair fleet fond free frosty gentle glad golden grand hardy honest jolly keen kind light lively loyal lucid merry mild neat nimble noble patient plain proud quick quiet rapid ready salty sandy sharp silver sleek snug sober solid sound spry steady stout sunny sure swift tidal tidy trim true vivid warm windy wise witty young".split(
    " ",
  );
export const vessels =
  "anchor barge bark beacon boom bosun bow breeze brig buoy canoe capstan clipper compass cutter deck dinghy dock dory drift ferry fjord frigate galley gangway gig harbor hawser helm hull jetty junk kayak keel ketch lagoon lantern launch lighter lugger mast mooring oar pier pilot pinnace port prow punt quay raft reef rigging rudder sail schooner sextant shoal skiff sloop spar squall starboard stern swell tender tide tiller trawler tug wharf winch yawl".split(
    " ",
  );

/** "brave_schooner", and with digits where many are taken. */
export const generatedName = new RegExp(`\\b(?:${qualities.join("|")})_(?:${vessels.join("|")})\\d*\\b`, "g");
