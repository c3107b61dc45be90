export function isLoopback(host) {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Returns an absolute URL that is nothing but scheme, host and path: https, or http on loopback. Throws what is wrong. */
export function secureURL(value) {
  const shown = JSON.stringify(value);
  if (!URL.canParse(value)) {
    throw new Error(value.includes("@") ? "the URL holds a user name or a password" : `${shown} is not an absolute URL`);
  }
  const url = new URL(value);
  if (url.username !== "" || url.password !== "") {
    throw new Error("the URL holds a user name or a password");
  }
  if (/[?#]/.test(value)) {
    throw new Error(`${shown} has a query or a fragment`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw new Error(`${shown} is not https (http is for loopback only)`);
  }
  // The URL is compared with what clients and tokens say, so it has to be in the one form that all of them write.
  if (url.href !== value && url.href !== `${value}/`) {
    throw new Error(`${shown} is not in its normal form: write ${url.href}`);
  }
  return url;
}

export function trimSlash(value) {
  return value.endsWith("/") ? value.slice(0, -1) : value;
}
