/* crash.tsx - what is shown when our own code threw: say so and offer the way back, never a white page. */
import { Component, type ReactNode } from "react";

export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
    override state = { crashed: false };

    static getDerivedStateFromError(): { crashed: boolean } {
        return { crashed: true };
    }

    override render(): ReactNode {
        if (!this.state.crashed) return this.props.children;
        return (
            <div className="state" role="alert">
                <h2>This page ran into a fault of its own</h2>
                <p>Nothing was lost: what the server answered as stored is stored.</p>
                <button type="button" className="primary" onClick={() => location.reload()}>
                    Load the page again
                </button>
            </div>
        );
    }
}
