/** What the registry room answers. */

export interface SearchResult {
  Name: string;
  Description: string;
  StarCount: number;
  IsOfficial: boolean;
}

export interface LoginResult {
  Status: string;
  /** The file that now holds them, not encrypted; absent when a credential helper does. */
  File?: string;
}
