COMPOSITIONS = {"retrieve_full_history":0,"fetch_history":0}
