/** Tones of alarms. A browser makes no sound before somebody has touched the page: until then `isReady` is false, and the header says so. */

import { desk } from "../live/desk.svelte";

const HIGH_HZ = [880, 660, 880];
const MEDIUM_HZ = [520];
const TONE_S = 0.18;
const LOUDNESS = 0.2;

class Sound {
  isReady = $state(false);
  isMuted = $state(false);
  #context: AudioContext | null = null;

  /** Mute is remembered by seat, as seats share machines. */
  begin(): () => void {
    this.isMuted = localStorage.getItem(this.#kept()) === "1";
    const wake = () => {
      this.#context ??= new AudioContext();
      void this.#context.resume().then(() => (this.isReady = true));
      stop();
    };
    const stop = () => ["pointerdown", "keydown"].forEach((type) => removeEventListener(type, wake));
    ["pointerdown", "keydown"].forEach((type) => addEventListener(type, wake));
    return stop;
  }

  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    localStorage.setItem(this.#kept(), isMuted ? "1" : "0");
  }

  /** 1 = high: three tones; 2 = medium: one. */
  play(rank: 1 | 2): void {
    const context = this.#context;
    if (!context || !this.isReady || this.isMuted) return;
    (rank === 1 ? HIGH_HZ : MEDIUM_HZ).forEach((hertz, n) => {
      const start = context.currentTime + n * TONE_S * 1.25;
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      gain.gain.linearRampToValueAtTime(0, start + TONE_S);
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + TONE_S);
    });
  }

  #kept(): string {
    return `tocsin.muted.${desk.session?.name ?? ""}`;
  }
}

export const sound = new Sound();
