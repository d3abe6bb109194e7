/**
 * One audio connection with the voice switch. The offer is sent when all our addresses are known, the answer carries
 * all of the switch's: there is no trickle. A link that broke is not repaired; its owner opens a new one.
 */

export interface Description {
  sdp: string;
  type: string;
}

/** How a link ended. closed: the far side took its leave; failed: the network. */
export type LinkEnd = "closed" | "failed";

const ADDRESSES_WITHIN = 2_000;
/** The browser itself needs 7 s of silence before it says `disconnected`. */
const SILENT_FOR = 1_500;
const CONNECT_WITHIN = 10_000;

export class VoiceLink {
  /** Settles when the link is over, for whatever reason. */
  readonly ended: Promise<LinkEnd>;
  /** Settles when sound can flow; never if it ends before. */
  readonly connected: Promise<void>;
  #peer: RTCPeerConnection;
  #sender: RTCRtpSender;
  #player: HTMLAudioElement;
  #end: (how: LinkEnd) => void = () => undefined;
  #connect: () => void = () => undefined;
  #patience: number | undefined;

  constructor(microphone: MediaStream, player: HTMLAudioElement, iceServers: RTCIceServer[]) {
    const [track] = microphone.getAudioTracks();
    if (!track) throw new Error("a microphone without a track");
    this.#player = player;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.connected = new Promise((resolve) => (this.#connect = resolve));
    this.#peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#sender = this.#peer.addTrack(track, microphone);
    this.#peer.ontrack = ({ track: far, streams }) => this.#listen(streams[0] ?? new MediaStream([far]));
    this.#peer.onconnectionstatechange = () => this.#follow();
  }

  /** Offers the connection; `exchange` sends the offer and gives the answer. Raises what `exchange` raises. */
  async open<Answer extends Description>(exchange: (offer: Description) => Promise<Answer>): Promise<Answer> {
    try {
      await this.#peer.setLocalDescription(await this.#peer.createOffer());
      await this.#addressesKnown();
      const { sdp = "", type = "offer" } = this.#peer.localDescription ?? {};
      const answer = await exchange({ sdp, type });
      await this.#peer.setRemoteDescription({ sdp: answer.sdp, type: "answer" });
      this.#sender.transport?.addEventListener("statechange", () => this.#farSideLeft());
      this.#giveUpAfter(CONNECT_WITHIN);
      return answer;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Speaks through another microphone from now on, or through none; the link stays and nothing is negotiated. */
  async speakThrough(microphone: MediaStream | null): Promise<void> {
    await this.#sender.replaceTrack(microphone?.getAudioTracks()[0] ?? null);
  }

  /** Silence to the far side, at once and without the switch. */
  mute(on: boolean): void {
    if (this.#sender.track) this.#sender.track.enabled = !on;
  }

  get isOver(): boolean {
    return this.#peer.signalingState === "closed";
  }

  close(): void {
    this.#over("closed");
  }

  #listen(stream: MediaStream): void {
    this.#player.srcObject = stream;
    void this.#player.play().catch(() => this.#playAtTouch());
  }

  /** The browser wants a touch before it lets a page sound. */
  #playAtTouch(): void {
    const play = (): void => void this.#player.play().catch(() => undefined);
    document.addEventListener("pointerdown", play, { once: true });
    document.addEventListener("keydown", play, { once: true });
  }

  async #addressesKnown(): Promise<void> {
    if (this.#peer.iceGatheringState === "complete") return;
    await new Promise<void>((resolve) => {
      const timer = window.setTimeout(resolve, ADDRESSES_WITHIN);
      this.#peer.addEventListener("icegatheringstatechange", () => {
        if (this.#peer.iceGatheringState !== "complete") return;
        window.clearTimeout(timer);
        resolve();
      });
    });
  }

  #follow(): void {
    window.clearTimeout(this.#patience);
    const state = this.#peer.connectionState;
    if (state === "connected") this.#connect();
    else if (state === "disconnected") this.#giveUpAfter(SILENT_FOR);
    else if (state === "closed" || state === "failed") this.#over("failed");
  }

  /** A farewell over the encrypted channel: known at once, where a lost network takes seconds to notice. */
  #farSideLeft(): void {
    if (this.#sender.transport?.state === "closed") this.#over("closed");
  }

  #giveUpAfter(milliseconds: number): void {
    window.clearTimeout(this.#patience);
    this.#patience = window.setTimeout(() => {
      if (this.#peer.connectionState !== "connected") this.#over("failed");
    }, milliseconds);
  }

  #over(how: LinkEnd): void {
    window.clearTimeout(this.#patience);
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
    this.#player.srcObject = null;
    this.#end(how);
  }
}

/** `data-ice-servers='[{"urls": "turn:..."}]'` of an element; none if it has none. */
export function iceServersOf(element: HTMLElement): RTCIceServer[] {
  return JSON.parse(element.dataset["iceServers"] ?? "[]") as RTCIceServer[];
}
