import assert from "node:assert/strict";
import { test } from "node:test";
import { asProblem, ProblemError, problemOf, problemText } from "./problem.ts";

test("problemOf: reads problem+json with its field errors", () => {
    const body = JSON.stringify({
        type: "about:blank",
        title: "Unprocessable",
        status: 422,
        code: "INVALID",
        detail: "2 values are wrong",
        requestId: "r1",
        errors: [
            { field: "advertisers[0].name", code: "REQUIRED", message: "is required" },
            { field: "markets[1]", code: "RANGE" },
            "noise",
        ],
    });
    const problem = problemOf(422, body);
    assert.equal(problem.title, "Unprocessable");
    assert.equal(problem.code, "INVALID");
    assert.equal(problem.requestId, "r1");
    assert.deepEqual(problem.errors, [
        { field: "advertisers[0].name", code: "REQUIRED", message: "is required" },
        { field: "markets[1]", code: "RANGE", message: "RANGE" },
    ]);
});

test("problemOf: reads the limiters' fixed body", () => {
    const body = '{"success":false,"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests. Please slow down.",' +
        '"error":"Please wait.","retryAfter":60,"retryAfterSeconds":60}';
    const problem = problemOf(429, body, "60");
    assert.equal(problem.code, "RATE_LIMIT_EXCEEDED");
    assert.equal(problem.retryAfterSeconds, 60);
    assert.match(problemText(problem), /^Too many requests: .* Try again in 60 s\.$/);
});

test("problemOf: survives bodies that are no JSON object", () => {
    for (const body of ["", "<html>bad gateway</html>", "null", "[1]", '"x"', "{"]) {
        const problem = problemOf(502, body);
        assert.equal(problem.title, "The server answered 502");
        assert.deepEqual(problem.errors, []);
    }
    assert.equal(problemOf(503, "", "5").retryAfterSeconds, 5);
    assert.equal(problemOf(503, "", "soon").retryAfterSeconds, null);
});

test("asProblem: a dead connection is a problem of status 0", () => {
    assert.equal(asProblem(new TypeError("Failed to fetch")).status, 0);
    const problem = problemOf(404, "");
    assert.equal(asProblem(new ProblemError(problem)), problem);
});
